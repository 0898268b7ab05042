//! Against a small server on the loopback, so that the bytes on the wire are what is tested.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;
use crate::error_codes::Class;
use crate::webhook::MessageStatus;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// `AC1:` and the token, in base64.
const BASIC: &str = "authorization: Basic QUMxOjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm";

fn credentials() -> Credentials {
    Credentials::token("AC1", TOKEN.into())
}

fn client(address: std::net::SocketAddr) -> Client {
    let timeouts = Timeouts {
        connect: Duration::from_millis(500),
        request: Duration::from_millis(500),
    };
    Client::new(format!("http://{address}").parse().unwrap(), timeouts).unwrap()
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return text;
            }
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "{text}");
    }
}

/// Answers one request with the given bytes, then closes; resolves to the request.
async fn serve(answer: impl Into<String>) -> (Client, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(listener.local_addr().unwrap());
    let answer = answer.into();
    let request = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_request(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        request
    });
    (client, request)
}

fn http(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
}

fn json(body: &str) -> String {
    http("200 OK", "content-type: application/json\r\n", body)
}

async fn refusal(answer: String) -> (Refusal, Class) {
    let (client, _request) = serve(answer).await;
    let error = client.fetch_account(&credentials()).await.unwrap_err();
    let class = error.class();
    let CallError::Refused(refusal) = error else {
        panic!("{error:?}");
    };
    (refusal, class)
}

#[tokio::test]
async fn a_message_is_created_in_twilios_own_form() {
    let answer = r#"{"sid":"MM1","status":"queued","num_segments":"1","num_media":"2",
        "price":null,"error_code":null,"from":"+15550001111","direction":"outbound-api",
        "date_created":"Thu, 24 Aug 2023 05:01:45 +0000","date_sent":null,"uri":"/x"}"#;
    let (client, request) = serve(http("201 Created", "", answer)).await;
    let message = NewMessage {
        to: "+15551234567".to_owned(),
        from: Some("+15550001111".to_owned()),
        messaging_service_sid: Some("MG1".to_owned()),
        body: Some("Grüße & 1+1=2?".to_owned()),
        media_urls: vec!["https://x/a b".to_owned(), "https://x/b?c=1".to_owned()],
        status_callback: Some("https://x/s?message=1#rc=5".to_owned()),
        validity_period: Some(3600),
    };
    let created = client
        .create_message(&credentials(), &message)
        .await
        .unwrap();
    assert_eq!(created.sid, "MM1");
    assert_eq!(created.status, Some(MessageStatus::Queued));
    assert_eq!(
        (created.num_segments, created.num_media),
        (Some(1), Some(2))
    );
    assert_eq!(created.date_created.unwrap().timestamp(), 1_692_853_305);
    assert_eq!((created.error_code, created.date_sent), (None, None));

    let request = request.await.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1\r\n"));
    assert!(head.contains(BASIC), "{head}");
    assert!(head.contains("content-type: application/x-www-form-urlencoded"));
    assert_eq!(
        body,
        "To=%2B15551234567&From=%2B15550001111&MessagingServiceSid=MG1\
         &Body=Gr%C3%BC%C3%9Fe+%26+1%2B1%3D2%3F&MediaUrl=https%3A%2F%2Fx%2Fa+b\
         &MediaUrl=https%3A%2F%2Fx%2Fb%3Fc%3D1\
         &StatusCallback=https%3A%2F%2Fx%2Fs%3Fmessage%3D1%23rc%3D5&ValidityPeriod=3600"
    );
}

#[tokio::test]
async fn a_list_is_filtered_by_twilios_names_and_followed_by_its_own_address() {
    let answer = r#"{"messages":[{"sid":"SM1"},{"sid":"SM2","status":"new"}],
        "next_page_uri":"/2010-04-01/Accounts/AC1/Messages.json?PageSize=2&Page=1&PageToken=PA1"}"#;
    let (client, request) = serve(json(answer)).await;
    let filter = MessageFilter {
        to: Some("+15551234567".to_owned()),
        from: Some("+1".to_owned()),
        date_sent_before: "2026-01-02T04:00:00Z".parse().ok(),
        date_sent_after: "2026-01-02T03:04:05Z".parse().ok(),
        page_size: Some(5000),
    };
    let page = client.list_messages(&credentials(), &filter).await.unwrap();
    assert_eq!(page.items.len(), 2);
    assert_eq!(page.items[1].status, Some("new".into()));
    let request = request.await.unwrap();
    assert!(
        request.starts_with(
            "GET /2010-04-01/Accounts/AC1/Messages.json?To=%2B15551234567&From=%2B1\
             &DateSent%3E=2026-01-02T03%3A04%3A05Z&DateSent%3C=2026-01-02T04%3A00%3A00Z\
             &PageSize=1000 HTTP/1.1\r\n"
        ),
        "{request}"
    );

    let (client, request) = serve(json(r#"{"messages":[],"next_page_uri":null}"#)).await;
    let next = page.next.unwrap();
    let last = client.next_messages(&credentials(), &next).await.unwrap();
    assert_eq!(
        last,
        Page {
            items: vec![],
            next: None
        }
    );
    assert!(request.await.unwrap().starts_with(
        "GET /2010-04-01/Accounts/AC1/Messages.json?PageSize=2&Page=1&PageToken=PA1 HTTP/1.1\r\n"
    ));
}

#[tokio::test]
async fn a_next_page_elsewhere_is_not_followed() {
    for uri in [
        "https://evil.example/2010-04-01/Accounts/AC1/x",
        "//evil.example/2010-04-01/Accounts/AC1/x",
        "@evil.example/2010-04-01/Accounts/AC1/x",
        ".evil.example/2010-04-01/Accounts/AC1/x",
        "/2010-04-01/Accounts/AC2/Messages.json",
        "/2010-04-01/Accounts/AC1/../AC2/Messages.json",
    ] {
        let answer = format!(r#"{{"messages":[],"next_page_uri":"{uri}"}}"#);
        let (client, _request) = serve(json(&answer)).await;
        let filter = MessageFilter::default();
        let page = client.list_messages(&credentials(), &filter).await.unwrap();
        let error = client
            .next_messages(&credentials(), &page.next.unwrap())
            .await
            .unwrap_err();
        assert!(matches!(error, CallError::Invalid(_)), "{uri}: {error:?}");
    }
}

#[tokio::test]
async fn an_api_key_speaks_for_its_account() {
    let (client, request) = serve(json(r#"{"sid":"SM1","num_media":2,"price":-0.5}"#)).await;
    let secret = AuthSecret::ApiKey {
        sid: "SK1".to_owned(),
        secret: "s".into(),
    };
    let credentials = Credentials {
        account_sid: "AC1".to_owned(),
        secret,
    };
    let message = client.fetch_message(&credentials, "SM1").await.unwrap();
    assert_eq!(message.num_media, Some(2));
    assert_eq!(message.price.as_deref(), Some("-0.5"));
    let request = request.await.unwrap();
    assert!(request.starts_with("GET /2010-04-01/Accounts/AC1/Messages/SM1.json HTTP/1.1\r\n"));
    assert!(request.contains("authorization: Basic U0sxOnM=\r\n"));
}

#[tokio::test]
async fn accounts_and_numbers_are_read_and_changed() {
    let answer = r#"{"sid":"AC1","status":"active","type":"Trial","auth_token":"secret"}"#;
    let (client, request) = serve(json(answer)).await;
    let account = client.fetch_account(&credentials()).await.unwrap();
    assert_eq!(account.kind.as_deref(), Some("Trial"));
    assert!(!format!("{account:?}").contains("secret"));
    assert!(
        request
            .await
            .unwrap()
            .starts_with("GET /2010-04-01/Accounts/AC1.json HTTP/1.1\r\n")
    );

    let answer = r#"{"incoming_phone_numbers":[{"sid":"PN1","phone_number":"+1",
        "capabilities":{"voice":true,"sms":true,"mms":false,"fax":false},"sms_url":""}]}"#;
    let (client, request) = serve(json(answer)).await;
    let page = client
        .list_incoming_numbers(&credentials(), Some("+1555"))
        .await
        .unwrap();
    let can = Capabilities {
        sms: true,
        mms: false,
        voice: true,
    };
    assert_eq!(page.items[0].capabilities, Some(can));
    assert!(request.await.unwrap().starts_with(
        "GET /2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json?PageSize=1000&PhoneNumber=%2B1555 "
    ));

    let (client, request) = serve(json(r#"{"sid":"PN1"}"#)).await;
    let update = NumberUpdate {
        sms_url: Some("https://x/sms#rc=5".to_owned()),
        sms_method: Some("POST".to_owned()),
        ..NumberUpdate::default()
    };
    client
        .update_incoming_number(&credentials(), "PN1", &update)
        .await
        .unwrap();
    let request = request.await.unwrap();
    assert!(request.starts_with("POST /2010-04-01/Accounts/AC1/IncomingPhoneNumbers/PN1.json "));
    assert!(request.ends_with("\r\n\r\nSmsUrl=https%3A%2F%2Fx%2Fsms%23rc%3D5&SmsMethod=POST"));
}

#[tokio::test]
async fn media_is_deleted_and_no_content_is_success() {
    let (client, request) = serve("HTTP/1.1 204 No Content\r\n\r\n").await;
    client
        .delete_media(&credentials(), "MM1", "ME1")
        .await
        .unwrap();
    let path = "DELETE /2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1.json HTTP/1.1\r\n";
    assert!(request.await.unwrap().starts_with(path));
}

#[tokio::test]
async fn a_refusal_keeps_what_twilio_said() {
    let body = r#"{"code":21211,"message":"Bad 'To'","more_info":"https://t/21211","status":400}"#;
    let (refused, class) = refusal(http("400 Bad Request", "", body)).await;
    let expected = Refusal {
        http_status: 400,
        code: Some(21211),
        message: "Bad 'To'".to_owned(),
        more_info: Some("https://t/21211".to_owned()),
        retry_after: None,
    };
    assert_eq!((refused, class), (expected, Class::Recipient));

    let body = r#"{"type":"https://t/20001","title":"Bad","detail":"Worse","code":"20001"}"#;
    let (refused, class) = refusal(http("400 Bad Request", "", body)).await;
    assert_eq!(
        (refused.code, refused.message.as_str()),
        (Some(20001), "Worse")
    );
    assert_eq!(class, Class::Input);
}

#[tokio::test]
async fn a_wait_is_read_as_seconds_or_as_a_date() {
    let body = r#"{"code":20429,"message":"Too many","status":429}"#;
    for (headers, wait) in [
        ("retry-after: 7\r\n", Some(7)),
        (
            "date: Sat, 21 Nov 2026 07:00:00 GMT\r\nretry-after: Sat, 21 Nov 2026 07:00:30 GMT\r\n",
            Some(30),
        ),
        (
            "date: Sat, 21 Nov 2026 07:00:00 GMT\r\nretry-after: Sat, 21 Nov 2026 06:00:00 GMT\r\n",
            Some(0),
        ),
        ("retry-after: soon\r\n", None),
        ("", None),
    ] {
        let (refused, class) = refusal(http("429 Too Many Requests", headers, body)).await;
        assert_eq!(
            refused.retry_after,
            wait.map(Duration::from_secs),
            "{headers}"
        );
        assert_eq!(class, Class::Retry);
    }
}

#[tokio::test]
async fn html_and_nothing_are_answers_too_and_redirects_are_not_followed() {
    for (answer, class) in [
        (
            http("502 Bad Gateway", "", "<html>Bad Gateway</html>"),
            Class::Once,
        ),
        (http("404 Not Found", "", ""), Class::Input),
        (
            http("307 Temporary Redirect", "location: /elsewhere\r\n", ""),
            Class::Once,
        ),
    ] {
        let (refused, found) = refusal(answer).await;
        assert_eq!((refused.code, refused.message.as_str()), (None, ""));
        assert_eq!(found, class);
    }
}

#[tokio::test]
async fn no_error_holds_the_token() {
    let body = format!(r#"{{"code":20003,"message":"token {TOKEN} is wrong"}}"#);
    let (refused, _) = refusal(http("401 Unauthorized", "", &body)).await;
    assert_eq!(refused.message, "token ******** is wrong");
    assert!(!format!("{:?}", credentials()).contains(TOKEN));
}

async fn create_error(client: &Client) -> CallError {
    let message = NewMessage {
        to: "+15551234567".to_owned(),
        ..NewMessage::default()
    };
    client
        .create_message(&credentials(), &message)
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_refused_connection_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(listener.local_addr().unwrap());
    drop(listener);
    let error = create_error(&client).await;
    assert!(matches!(error, CallError::NotSent(_)), "{error:?}");
    assert!(!error.outcome_is_unknown());
}

#[tokio::test]
async fn failed_tls_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let client = Client::new(url.parse().unwrap(), Timeouts::default()).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
    });
    let error = create_error(&client).await;
    assert!(matches!(error, CallError::NotSent(_)), "{error:?}");
}

#[tokio::test]
async fn silence_after_the_request_means_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(listener.local_addr().unwrap());
    let silent = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
    });
    let error = create_error(&client).await;
    assert!(matches!(error, CallError::Unknown(_)), "{error:?}");
    silent.abort();
}

#[tokio::test]
async fn an_unclear_answer_means_unknown() {
    for answer in [
        String::new(),
        "HTTP/1.1 201 Cre".to_owned(),
        "HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"sid\":".to_owned(),
        http("201 Created", "", "<html></html>"),
        http("201 Created", "", "{\"status\":\"queued\"}"),
        http("201 Created", "", ""),
    ] {
        let (client, _request) = serve(answer.as_str()).await;
        let error = create_error(&client).await;
        assert!(
            matches!(error, CallError::Unknown(_)),
            "{answer}: {error:?}"
        );
        assert_eq!(error.class(), Class::Once);
        let shown = format!("{error:?} {error}");
        assert!(
            !shown.contains("5551234567") && !shown.contains(TOKEN),
            "{shown}"
        );
    }
    let (client, _request) = serve(http("503 Service Unavailable", "", "")).await;
    let error = create_error(&client).await;
    assert!(error.outcome_is_unknown(), "{error:?}");
}

#[tokio::test]
async fn an_identifier_that_would_change_the_path_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(listener.local_addr().unwrap());
    for sid in ["", "..", "SM1/../x", "SM1?x", "SM1.json", "ü"] {
        let error = client.fetch_message(&credentials(), sid).await.unwrap_err();
        assert!(matches!(error, CallError::Invalid(_)), "{sid}: {error:?}");
    }
}

#[test]
fn a_base_url_is_plain_http() {
    for (url, good) in [
        (DEFAULT_BASE_URL, true),
        ("http://127.0.0.1:4010/twilio/", true),
        ("ftp://example.com", false),
        ("https://user:pass@example.com", false),
        ("https://example.com?x=1", false),
        ("https://example.com#x", false),
    ] {
        let client = Client::new(url.parse().unwrap(), Timeouts::default());
        assert_eq!(client.is_ok(), good, "{url}");
    }
}
