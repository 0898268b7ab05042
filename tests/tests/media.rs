//! Pictures, films and documents, in and out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use test_db::Backend;

use crate::harness::{Channel, Client, Reply, Setup, Tenant, World, on_both, poll_until, runtime};

const CUSTOMER: &str = "+14155550199";
const ABROAD: &str = "+4915112345678";

/// A picture that does not compress: every pixel another.
fn noise(width: u32, height: u32, seed: u32) -> image::RgbImage {
    let mut state = seed;
    image::RgbImage::from_fn(width, height, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        image::Rgb([(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8])
    })
}

fn jpeg(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 92);
    noise(width, height, seed)
        .write_with_encoder(encoder)
        .unwrap();
    bytes
}

fn png(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    noise(width, height, seed)
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// What begins like an MP4 and has so many bytes.
fn video(size: usize) -> Vec<u8> {
    let mut bytes = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    bytes.extend((bytes.len()..size).map(|n| (n % 251) as u8));
    bytes
}

async fn upload(api: &Client, name: &str, bytes: Vec<u8>) -> Reply {
    let part = Part::bytes(bytes).file_name(name.to_owned());
    upload_form(api, Form::new().part("file", part)).await
}

async fn upload_form(api: &Client, form: Form) -> Reply {
    api.send(api.request("POST", "/api/v1/media").multipart(form))
        .await
}

/// Somebody sends files with a text.
async fn customer_sends(world: &World, channel: &Channel, body: &str, files: &[(&str, &[u8])]) {
    let media: Vec<_> = files
        .iter()
        .map(|(kind, bytes)| json!({"content_type": kind, "base64": STANDARD.encode(bytes)}))
        .collect();
    let text = json!({
        "account_sid": channel.account_sid, "from": CUSTOMER, "to": channel.number,
        "body": body, "media": media,
    });
    let told = world.twilio.control("inbound", text).await;
    assert_eq!(told["webhook"]["status"], 200, "{told}");
}

/// The files of the latest message, once none of them is awaited any more.
async fn files(tenant: &Tenant) -> Vec<Value> {
    poll_until("files of the message", async || {
        let list = tenant.api.get("/api/v1/messages?limit=1").await.expect(200);
        let files = list.rows()[0]["media"].as_array().unwrap().clone();
        files
            .iter()
            .all(|file| file["status"] != "pending")
            .then_some(files)
    })
    .await
}

/// What a link leads to.
/// A connection by which the head of an upload of 10 MB has been sent, and no byte of its file.
async fn begun_upload(world: &World, tenant: &Tenant) -> TcpStream {
    let address = world.service.url().strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/v1/media HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         content-type: multipart/form-data; boundary=x\r\ncontent-length: 10000000\r\n\r\n\
         --x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\n\r\n",
        tenant.api.token()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection
}

/// The same with 3 MB of the file, which have come to the disk.
async fn half_an_upload(world: &World, tenant: &Tenant) -> TcpStream {
    let mut connection = begun_upload(world, tenant).await;
    connection.write_all(&video(3_000_000)).await.unwrap();
    let on_disk = async || (coming(world) == 1).then_some(());
    poll_until("the file on the disk", on_disk).await;
    connection
}

async fn follow(link: &str) -> reqwest::Response {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.get(link).send().await.unwrap()
}

async fn bytes_at(link: &str) -> Vec<u8> {
    let answer = follow(link).await;
    assert_eq!(answer.status(), 200, "{link}");
    answer.bytes().await.unwrap().to_vec()
}

fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("{pointer} of {value}"))
        .to_owned()
}

/// How many files are kept for tenants, in a folder for each.
fn kept(world: &World) -> usize {
    let folder = world.folder().join("data/media/kept");
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let files =
        |folder: std::fs::DirEntry| std::fs::read_dir(folder.path()).map_or(0, Iterator::count);
    folders.map(files).sum()
}

/// How many files without a name the service has open in its folder for what is coming in.
fn coming(world: &World) -> usize {
    let folder = world.folder().join("data/media/coming");
    let open = format!("/proc/{}/fd", world.service.pid());
    let links = std::fs::read_dir(open).unwrap().flatten();
    let links = links.filter_map(|link| std::fs::read_link(link.path()).ok());
    links.filter(|file| file.starts_with(&folder)).count()
}

/// Takes a text and gives what Twilio got for it.
async fn sent(world: &World, tenant: &Tenant, channel: &Channel, draft: Value) -> (Value, Value) {
    let to = draft["to"].as_str().unwrap().to_owned();
    let taken = tenant.api.post("/api/v1/messages", draft).await.expect(202);
    let came = poll_until("the text at Twilio", async || {
        let came = world.twilio.sent_to(&channel.account_sid, &to).await;
        came.into_iter().next()
    })
    .await;
    (taken.body, came)
}

#[test]
fn files_are_kept_in_a_bucket_as_well() {
    runtime().block_on(async {
        let server = test_s3::Server::start().await.unwrap();
        let url = format!("s3://{}/trunkline", test_s3::BUCKET);
        let world = Setup::on(Backend::Sqlite)
            .with("MEDIA__URL", url)
            .with("AWS_ENDPOINT", server.url())
            .with("AWS_ALLOW_HTTP", "true")
            .with("AWS_REGION", "us-east-1")
            .with("AWS_ACCESS_KEY_ID", test_s3::ACCESS_KEY)
            .with("AWS_SECRET_ACCESS_KEY", test_s3::SECRET_KEY)
            .start()
            .await;
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let picture = png(30, 30, 1);
        customer_sends(&world, &channel, "", &[("image/png", &picture)]).await;
        let files = files(&tenant).await;
        assert!(bytes_at(&text(&files[0], "/url")).await == picture);
        let film = video(12_000_000);
        let uploaded = upload(&tenant.api, "film.mp4", film.clone())
            .await
            .expect(201);
        assert!(bytes_at(&uploaded.text("/url")).await == film);
        // The picture, the small one of it, the film, and whose all of them are.
        poll_until("four files", async || {
            (server.files().unwrap() == 4).then_some(())
        })
        .await;
        server.stop();
        let refused = upload(&tenant.api, "b.png", png(9, 9, 2)).await;
        refused.expect_problem(503, "unavailable");
    });
}

on_both! {
    async fn ten_pictures_of_a_customer_appear_in_the_conversation(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let pictures: Vec<_> = (1..=10).map(|seed| jpeg(500, 400, seed)).collect();
        // What a carrier calls them is not believed.
        let sent: Vec<_> = pictures.iter().map(|bytes| ("image/png", bytes.as_slice())).collect();
        customer_sends(&world, &channel, "Ten of them", &sent).await;
        let files = files(&tenant).await;
        assert_eq!(files.len(), 10);
        for (file, bytes) in files.iter().zip(&pictures) {
            assert_eq!(file["status"], "stored", "{file}");
            assert_eq!(file["content_type"], "image/jpeg");
            assert_eq!((&file["width"], &file["height"]), (&json!(500), &json!(400)));
            assert!(bytes_at(&text(file, "/url")).await == *bytes);
            let small = image::load_from_memory(&bytes_at(&text(file, "/thumbnail_url")).await);
            assert_eq!(small.unwrap().width(), 480);
        }
        let usage = tenant.api.get("/api/v1/media/usage").await.expect(200);
        assert_eq!(usage.body["files"], 20);
        // The same picture once more takes no more room.
        customer_sends(&world, &channel, "", &sent[..1]).await;
        self::files(&tenant).await;
        let again = tenant.api.get("/api/v1/media/usage").await.expect(200);
        assert_eq!(again.body, usage.body);
    }

    async fn what_is_no_picture_is_kept_as_it_came_and_never_run(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let page = b"<!DOCTYPE html><script>alert(1)</script>".as_slice();
        let broken = b"\xFF\xD8\xFF\xE0 not a picture".as_slice();
        customer_sends(&world, &channel, "", &[("text/html", page), ("image/jpeg", broken)]).await;
        let files = files(&tenant).await;
        assert_eq!(files[0]["content_type"], "application/octet-stream");
        assert_eq!((&files[1]["content_type"], &files[1]["thumbnail_url"]), (&json!("image/jpeg"), &Value::Null));
        let answer = follow(&text(&files[0], "/url")).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-disposition"), "attachment");
        assert!(header("content-security-policy").contains("sandbox"));
        assert_eq!(header("content-type"), "application/octet-stream");
        assert_eq!(answer.bytes().await.unwrap(), page);
    }

    async fn a_large_photo_arrives_as_one_that_fits(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let photo = jpeg(3600, 2700, 7);
        assert!(photo.len() > 12_000_000, "{}", photo.len());
        let uploaded = upload(&tenant.api, "holiday.jpg", photo.clone()).await.expect(201);
        assert_eq!(uploaded.body["mms"], json!({"fits": true}));
        assert_eq!(uploaded.body["size"], photo.len());
        assert_eq!(uploaded.text("/filename"), "holiday.jpg");
        assert!(bytes_at(&uploaded.text("/url")).await == photo);
        let draft = json!({"to": CUSTOMER, "body": "Look", "media_ids": [uploaded.body["id"]]});
        let (taken, came) = sent(&world, &tenant, &channel, draft).await;
        assert_eq!((&taken["media"][0]["sent_as"], &taken["num_segments"]), (&json!("mms"), &json!(1)));
        assert_eq!(came["body"], "Look");
        let fitted = poll_until("the fitted picture", async || {
            let came = world.twilio.sent_to(&channel.account_sid, CUSTOMER).await;
            let link = format!("{}{}", world.twilio.url(), text(&came[0]["media"][0], "/url"));
            let bytes = bytes_at(&link).await;
            // Until it has fetched it, Twilio shows a pixel.
            (bytes.len() > 1000).then_some(bytes)
        })
        .await;
        assert!(fitted.len() < 5_000_000, "{}", fitted.len());
        assert_eq!(image::guess_format(&fitted).unwrap(), image::ImageFormat::Jpeg);
        let fitted = image::load_from_memory(&fitted).unwrap();
        assert_eq!(fitted.width() * 3, fitted.height() * 4);
        poll_until("delivery", async || {
            let message = tenant.api.get(&format!("/api/v1/messages/{}", text(&taken, "/id"))).await;
            (message.text("/status") == "delivered").then_some(())
        })
        .await;
    }

    async fn a_film_arrives_as_a_link_that_plays(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let film = video(20 * 1024 * 1024);
        let uploaded = upload(&tenant.api, "film.mp4", film.clone()).await.expect(201);
        assert_eq!(uploaded.body["mms"]["fits"], false);
        assert!(uploaded.text("/mms/reason").contains("at most 500000"));
        let draft = json!({"to": CUSTOMER, "body": "Watch this", "media_ids": [uploaded.body["id"]]});
        let (taken, came) = sent(&world, &tenant, &channel, draft).await;
        assert_eq!(taken["media"][0]["sent_as"], "link");
        assert_eq!(taken["body"], "Watch this");
        assert_eq!(came["media"], json!([]));
        let body = text(&came, "/body");
        let link = body.strip_prefix("Watch this\n").unwrap();
        assert!(link.starts_with(&format!("{}/m/", world.public_url())), "{link}");
        let answer = follow(link).await;
        assert_eq!(answer.headers()["content-type"], "video/mp4");
        assert_eq!(answer.headers()["accept-ranges"], "bytes");
        assert_eq!(answer.headers()["content-disposition"], "inline; filename*=UTF-8''film.mp4");
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let part = http.get(link).header("range", "bytes=20971500-").send().await.unwrap();
        assert_eq!(part.status(), 206);
        assert_eq!(part.headers()["content-range"], "bytes 20971500-20971519/20971520");
        assert_eq!(part.bytes().await.unwrap(), film[20_971_500..]);
        let none = http.get(link).header("range", "bytes=20971520-").send().await.unwrap();
        assert_eq!(none.status(), 416);
        assert_eq!(none.headers()["content-range"], "bytes */20971520");
        assert_eq!(none.headers()["content-type"], "application/problem+json");
        let head = http.head(link).send().await.unwrap();
        assert_eq!(head.headers()["content-length"], "20971520");
        assert!(bytes_at(link).await == film);
    }

    async fn where_there_is_no_mms_a_picture_goes_as_a_link(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let uploaded = upload(&tenant.api, "a.png", png(20, 20, 1)).await.expect(201);
        let draft = json!({"to": ABROAD, "media_ids": [uploaded.body["id"]]});
        let (taken, came) = sent(&world, &tenant, &channel, draft).await;
        assert_eq!(taken["media"][0]["sent_as"], "link");
        let picture = bytes_at(&text(&came, "/body")).await;
        assert_eq!(image::load_from_memory(&picture).unwrap().width(), 20);
    }

    async fn the_same_bytes_are_to_everybody_what_they_call_them(world: World) {
        let tenant = world.register().await;
        for (name, kind) in [("a.txt", "text/plain"), ("a.csv", "text/csv")] {
            let uploaded = upload(&tenant.api, name, b"name;phone\n".to_vec()).await.expect(201);
            assert_eq!(uploaded.text("/content_type"), kind);
            let answer = follow(&uploaded.text("/url")).await;
            assert_eq!(answer.headers()["content-type"], format!("{kind}; charset=utf-8"));
        }
        let uploaded = upload(&tenant.api, "a.png", png(20, 20, 1)).await.expect(201);
        let small = follow(&uploaded.text("/thumbnail_url")).await;
        assert_eq!(small.headers()["content-type"], "image/jpeg");
        assert_eq!(small.headers()["content-disposition"], "inline");
    }

    async fn a_file_can_go_with_several_messages(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let uploaded = upload(&tenant.api, "a.png", png(20, 20, 1)).await.expect(201);
        let id = &uploaded.body["id"];
        for to in [CUSTOMER, "+14155550198"] {
            let (taken, came) = sent(&world, &tenant, &channel, json!({"to": to, "media_ids": [id, id]})).await;
            assert_eq!(taken["media"].as_array().unwrap().len(), 2);
            assert_eq!(came["media"].as_array().unwrap().len(), 2);
        }
    }

    async fn another_business_gets_nothing_of_it(world: World) {
        let (ours, theirs) = (world.register().await, world.register().await);
        world.connect_channel(&theirs).await;
        let uploaded = upload(&ours.api, "a.png", png(20, 20, 1)).await.expect(201);
        let path = format!("/api/v1/media/{}", uploaded.text("/id"));
        ours.api.get(&path).await.expect(200);
        ours.api.get(&format!("{path}?form=thumbnail")).await.expect(200);
        theirs.api.get(&path).await.expect_problem(404, "not_found");
        world.anybody.get(&path).await.expect_problem(401, "unauthenticated");
        let draft = json!({"to": CUSTOMER, "media_ids": [uploaded.body["id"]]});
        let refused = theirs.api.post("/api/v1/messages", draft).await.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/media_ids/0"]);
        let link = uploaded.text("/url");
        let (start, last) = link.split_at(link.len() - 1);
        let forged = format!("{start}{}", if last == "A" { "B" } else { "A" });
        assert_eq!(follow(&forged).await.status(), 404);
        // Who reads the log must not be able to follow a link.
        bytes_at(&link).await;
        let token = link.rsplit('/').next().unwrap();
        let log = world.service.log();
        assert!(log.contains("/m/…") && !log.contains(&token[..20]), "{log}");
        assert_eq!(theirs.api.get("/api/v1/media/usage").await.body, json!({"files": 0, "bytes": 0}));
    }

    async fn what_can_not_be_sent_is_refused_and_leaves_nothing(world: World) {
        let tenant = world.register().await;
        let bomb = {
            let mut bytes = png(1, 1, 1);
            bytes[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
            let crc = bytes[12..29].iter().fold(!0_u32, |crc, byte| {
                (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1)))
            });
            bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
            bytes
        };
        for (name, bytes, words) in [
            ("empty.jpg", Vec::new(), "is empty"),
            ("zip.jpg", b"PK\x03\x04\x14\0\0\0\x08\0photo".to_vec(), "none of the files"),
            ("page.png", b"<html><script>alert(1)</script></html>".to_vec(), "none of the files"),
            ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "none of the files"),
            ("both.gif", b"GIF89a\x10\0\x10\0;<script>alert(1)</script>".to_vec(), "damaged"),
            ("half.png", png(50, 50, 1)[..200].to_vec(), "damaged"),
            ("bomb.png", bomb, "900 megapixels"),
        ] {
            let refused = upload(&tenant.api, name, bytes).await.expect_problem(422, "invalid");
            assert_eq!(refused.pointers(), ["/file"], "{name}");
            assert!(refused.raw.contains(words), "{name}: {}", refused.raw);
        }
        let large = upload(&tenant.api, "large.mp4", video(20 * 1024 * 1024 + 1)).await;
        large.expect_problem(413, "too_large");
        let larger = upload(&tenant.api, "larger.mp4", video(22 * 1024 * 1024)).await;
        larger.expect_problem(413, "too_large");
        let wrong = upload_form(&tenant.api, Form::new().part("photo", Part::bytes(png(2, 2, 1)))).await;
        assert_eq!(wrong.expect_problem(422, "invalid").pointers(), ["/photo"]);
        let none = upload_form(&tenant.api, Form::new()).await;
        assert_eq!(none.expect_problem(422, "invalid").pointers(), ["/file"]);
        let two = Form::new().part("file", Part::bytes(png(2, 2, 1))).part("file", Part::bytes(png(2, 2, 2)));
        assert_eq!(upload_form(&tenant.api, two).await.expect_problem(422, "invalid").pointers(), ["/file"]);
        let json = tenant.api.post("/api/v1/media", json!({"file": "x"})).await;
        json.expect_problem(415, "unsupported_media_type");
        let viewer = world.member(&tenant, "viewer").await;
        upload(&viewer, "a.png", png(2, 2, 1)).await.expect_problem(403, "forbidden");
        assert_eq!(kept(&world), 0);
        let usage = tenant.api.get("/api/v1/media/usage").await.expect(200);
        assert_eq!(usage.body, json!({"files": 0, "bytes": 0}));
        // A name is shown and nothing else.
        let named = upload(&tenant.api, "../../etc/pass\u{202E}wd.png", png(2, 2, 1)).await.expect(201);
        assert_eq!(named.text("/filename"), "passwd.png");
        assert!(kept(&world) > 0);
    }

    async fn an_upload_that_breaks_off_leaves_nothing(world: World) {
        let tenant = world.register().await;
        let connection = half_an_upload(&world, &tenant).await;
        drop(connection);
        poll_until("its end", async || (coming(&world) == 0).then_some(())).await;
        assert_eq!(kept(&world), 0);
        // One that stops without its end is told so.
        let mut connection = begun_upload(&world, &tenant).await;
        connection.write_all(&video(1000)).await.unwrap();
        connection.shutdown().await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
        upload(&tenant.api, "a.png", png(2, 2, 1)).await.expect(201);
    }

    async fn an_upload_that_stalls_does_not_hold_up_the_end(world: World) {
        let mut world = world;
        let tenant = world.register().await;
        let mut connection = half_an_upload(&world, &tenant).await;
        let told = tokio::spawn(async move {
            let mut answer = String::new();
            connection.read_to_string(&mut answer).await.unwrap();
            answer
        });
        world.end_and_restart();
        let told = told.await.unwrap();
        assert!(told.starts_with("HTTP/1.1 408") && told.contains("\"stalled\""), "{told}");
        assert_eq!(coming(&world), 0);
    }

    async fn files_are_deleted_at_twilio_where_the_tenant_wants_that(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let path = format!("/api/v1/channels/{}", channel.id);
        let settings = json!({"settings": {"delete_media_at_twilio": true}});
        tenant.api.patch(&path, settings).await.expect(200);
        let picture = png(30, 30, 1);
        customer_sends(&world, &channel, "", &[("image/png", &picture)]).await;
        let files = files(&tenant).await;
        assert!(bytes_at(&text(&files[0], "/url")).await == picture);
        poll_until("deletion at Twilio", async || {
            let all = world.twilio.messages(&channel.account_sid).await;
            let message = all.iter().find(|message| message["direction"] == "inbound")?;
            (message["media"][0]["deleted"] == true).then_some(())
        })
        .await;
        assert!(bytes_at(&text(&files[0], "/url")).await == picture);
    }

    async fn a_file_that_twilio_does_not_give_is_tried_again(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let fault = json!({"kind": "unavailable", "on": "media", "count": 2});
        world.twilio.control("faults", fault).await;
        customer_sends(&world, &channel, "", &[("image/png", &png(30, 30, 1))]).await;
        let waiting = tenant.api.get("/api/v1/messages").await.expect(200);
        let first = &waiting.rows()[0]["media"][0];
        assert_eq!((&first["url"], &first["thumbnail_url"]), (&Value::Null, &Value::Null));
        let files = files(&tenant).await;
        assert_eq!(files[0]["status"], "stored");
    }
}
