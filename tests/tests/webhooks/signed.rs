//! What exactly is signed: the URL that Twilio was told, and the fields as they came.

use test_db::Backend;

use super::{CUSTOMER, SMS, expect_twiml, post, sid};
use crate::harness::{Setup, fields, run, runtime, signature};

#[test]
fn what_is_signed_is_the_public_url_with_or_without_its_port() {
    // How the service is told to be reached, and what Twilio may sign then.
    let cases = [
        (
            "https://sms.example.com",
            ["https://sms.example.com", "https://sms.example.com:443"],
        ),
        (
            "https://sms.example.com:8443",
            ["https://sms.example.com:8443", "https://sms.example.com"],
        ),
        (
            "https://SMS.example.com/base%2f",
            [
                "https://SMS.example.com/base%2f",
                "https://SMS.example.com:443/base%2f",
            ],
        ),
        (
            "http://sms.example.com/",
            ["http://sms.example.com", "http://sms.example.com:80"],
        ),
    ];
    runtime().block_on(async {
        for (public_url, signed) in cases {
            let setup = Setup::on(Backend::Sqlite).with("SERVER__PUBLIC_URL", public_url);
            let world = setup.start().await;
            let tenant = world.register().await;
            let channel = world.add_channel(&tenant, "active").await;
            let form = channel.inbound(&sid(1), CUSTOMER, "Hello");
            for base in signed {
                let url = format!("{base}{}#rc=5&rp=all", SMS[0]);
                let signature = signature(&channel.auth_token, &url, &form);
                expect_twiml(world.raw_webhook(SMS[0], &form, Some(&signature)).await);
            }
            // Neither what is seen locally nor what a header says.
            for base in [
                world.service.url(),
                "https://sms.example.com/base%2F",
                "ftp://sms.example.com",
                "https://other.example.com",
            ] {
                let signature = signature(&channel.auth_token, &format!("{base}{}", SMS[0]), &form);
                let request = world.anybody.request("POST", SMS[0]).form(&form);
                let request = request
                    .header("x-twilio-signature", signature)
                    .header("x-forwarded-host", "other.example.com")
                    .header("x-forwarded-proto", "https");
                world
                    .anybody
                    .send(request)
                    .await
                    .expect_problem(403, "forbidden");
            }
        }
    });
}

#[test]
fn repeated_fields_are_signed_and_read_as_twilio_does() {
    run(Backend::Sqlite, async |world| {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let mut form = channel.inbound(&sid(1), CUSTOMER, "10 < 9");
        form.extend(fields(&[
            ("Zone", "9"),
            ("Zone", "10"),
            ("Zone", "9"),
            ("a", "1"),
            ("_", "2"),
        ]));
        expect_twiml(post(&world, &channel, &form).await);
    });
}
