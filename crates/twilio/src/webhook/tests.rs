use super::*;

fn inbound(body: &str) -> Result<InboundMessage, WebhookError> {
    InboundMessage::from_form(&Form::parse(body.as_bytes()).unwrap())
}

fn status(body: &str) -> Result<MessageStatusUpdate, WebhookError> {
    MessageStatusUpdate::from_form(&Form::parse(body.as_bytes()).unwrap())
}

#[test]
fn an_inbound_message_is_read_with_all_its_fields() {
    let message = inbound(
        "ToCountry=US&MediaContentType0=image%2Fjpeg&ToState=&SmsMessageSid=MM1&NumMedia=2\
         &ToCity=&FromZip=94107&SmsSid=MM1&FromState=CA&SmsStatus=received\
         &FromCity=SAN+FRANCISCO&Body=Hi+%F0%9F%98%80&FromCountry=US&To=%2B15550001111\
         &MessagingServiceSid=MG1&ToZip=&NumSegments=1&MessageSid=MM1&AccountSid=AC1\
         &From=%2B15551234567&ApiVersion=2010-04-01&MediaUrl0=https%3A%2F%2Fx%2F0\
         &MediaUrl1=https%3A%2F%2Fx%2F1&OptOutType=STOP&ProfileName=Ann",
    );
    let text = |text: &str| Some(text.to_owned());
    let media = |index, url: &str, content_type: Option<&str>| InboundMedia {
        index,
        url: url.to_owned(),
        content_type: content_type.map(str::to_owned),
    };
    assert_eq!(
        message.unwrap(),
        InboundMessage {
            message_sid: "MM1".to_owned(),
            account_sid: text("AC1"),
            messaging_service_sid: text("MG1"),
            from: "+15551234567".to_owned(),
            to: text("+15550001111"),
            body: "Hi 😀".to_owned(),
            num_segments: Some(1),
            media: vec![
                media(0, "https://x/0", Some("image/jpeg")),
                media(1, "https://x/1", None),
            ],
            from_city: text("SAN FRANCISCO"),
            from_state: text("CA"),
            from_zip: text("94107"),
            from_country: text("US"),
            to_country: text("US"),
            opt_out_type: Some(OptOutType::Stop),
            profile_name: text("Ann"),
        }
    );
}

#[test]
fn the_older_names_of_the_sid_and_status_serve_too() {
    assert_eq!(inbound("SmsSid=SM1&From=1").unwrap().message_sid, "SM1");
    assert_eq!(
        inbound("MessageSid=&SmsMessageSid=SM1&From=1")
            .unwrap()
            .message_sid,
        "SM1"
    );
    let update = status("SmsSid=SM1&SmsStatus=sent").unwrap();
    assert_eq!(update.status, MessageStatus::Sent);
}

#[test]
fn a_missing_identity_is_named() {
    let missing = |name| Err(WebhookError::MissingField(name));
    assert_eq!(inbound("From=1&Body=x"), missing("MessageSid"));
    assert_eq!(inbound("From=1&MessageSid="), missing("MessageSid"));
    assert_eq!(inbound("MessageSid=SM1&Body=x"), missing("From"));
    assert_eq!(inbound("MessageSid=SM1&From=%00"), missing("From"));
    assert_eq!(
        status("MessageStatus=sent").unwrap_err(),
        WebhookError::MissingField("MessageSid")
    );
    assert!(status("MessageSid=SM1").is_ok());
}

#[test]
fn an_identity_longer_than_any_of_twilios_is_refused() {
    let sid = "S".repeat(101);
    let too_long = Err(WebhookError::TooLong("MessageSid"));
    assert_eq!(inbound(&format!("From=1&MessageSid={sid}")), too_long);
}

#[test]
fn odd_content_is_taken_as_far_as_it_can_be_understood() {
    let message = inbound(
        "MessageSid=SM1&From=anonymous&NumMedia=many&NumSegments=-1&OptOutType=PAUSE\
         &MediaUrl=x&MediaUrl00=x&MediaUrlX=x&MediaUrl3=&MediaUrl12=b&MediaUrl2=a&MediaUrl2=c",
    )
    .unwrap();
    assert_eq!(message.body, "");
    assert_eq!(message.num_segments, None);
    assert_eq!(
        message.opt_out_type,
        Some(OptOutType::Other("PAUSE".to_owned()))
    );
    let media: Vec<_> = message
        .media
        .iter()
        .map(|item| (item.index, item.url.as_str()))
        .collect();
    assert_eq!(media, [(2, "a"), (12, "b")]);
}

#[test]
fn nul_is_removed_from_every_text() {
    let message =
        inbound("MessageSid=SM%001&From=%2B1%00&Body=a%00b%00&FromCity=%00&MediaUrl0=u%00")
            .unwrap();
    assert_eq!(message.message_sid, "SM1");
    assert_eq!(message.from, "+1");
    assert_eq!(message.body, "ab");
    assert_eq!(message.from_city, None);
    assert_eq!(message.media[0].url, "u");
    let update = status("MessageSid=SM1&MessageStatus=ne%00w&ErrorMessage=a%00b").unwrap();
    assert_eq!(update.status, MessageStatus::Unknown("new".to_owned()));
    assert_eq!(update.error_message.as_deref(), Some("ab"));
}

#[test]
fn a_status_callback_is_read_with_its_error() {
    let update = status(
        "MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30003&AccountSid=AC1&From=%2B1\
         &To=%2B2&MessagingServiceSid=MG1&RawDlrDoneDate=2602281005",
    )
    .unwrap();
    assert_eq!(update.status, MessageStatus::Undelivered);
    assert_eq!(update.error_code, Some(30003));
    assert_eq!(update.raw_dlr_done_date.as_deref(), Some("2602281005"));
    assert_eq!(
        status("MessageSid=SM1&ErrorCode=x").unwrap().error_code,
        None
    );
}

#[test]
fn statuses_keep_their_wire_names_and_rank_as_twilio_moves_them() {
    for (name, rank) in [
        ("accepted", Some(0)),
        ("scheduled", Some(0)),
        ("queued", Some(1)),
        ("sending", Some(2)),
        ("sent", Some(3)),
        ("delivered", Some(4)),
        ("undelivered", Some(4)),
        ("failed", Some(4)),
        ("canceled", Some(4)),
        ("read", Some(5)),
        ("receiving", None),
        ("received", None),
        ("partially_delivered", None),
        ("teleported", None),
    ] {
        let status = MessageStatus::from(name);
        assert_eq!(status.as_str(), name);
        assert_eq!(status.rank(), rank, "{name}");
        assert_eq!(status.is_terminal(), rank >= Some(4), "{name}");
        assert_eq!(
            matches!(status, MessageStatus::Unknown(_)),
            name == "teleported"
        );
    }
}
