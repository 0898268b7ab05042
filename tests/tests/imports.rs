//! Leads in and out as CSV.

use std::time::{Duration, Instant};

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use test_db::Backend;

use crate::harness::{Client, Reply, Setup, World, on_both, poll_until, poll_within, runtime};

const CUSTOMER: &str = "+14155550199";

fn form(bytes: impl Into<Vec<u8>>, fields: &[(&'static str, &'static str)]) -> Form {
    let file = Part::bytes(bytes.into()).file_name("people.csv");
    let form = Form::new().part("file", file);
    fields
        .iter()
        .fold(form, |form, (name, value)| form.text(*name, *value))
}

async fn send(api: &Client, form: Form) -> Reply {
    api.send(api.request("POST", "/api/v1/leads/imports").multipart(form))
        .await
}

fn path(import: &Reply) -> String {
    format!("/api/v1/leads/imports/{}", import.text("/id"))
}

/// The import once it has ended.
async fn ended(api: &Client, begun: &Reply) -> Value {
    let path = path(begun);
    poll_within(Duration::from_secs(120), "the import's end", async || {
        let import = api.get(&path).await.expect(200);
        (import.body["status"] != "running").then_some(import.body)
    })
    .await
}

async fn import(
    api: &Client,
    bytes: impl Into<Vec<u8>>,
    fields: &[(&'static str, &'static str)],
) -> Value {
    let begun = send(api, form(bytes, fields)).await.expect(202);
    ended(api, &begun).await
}

fn counts(import: &Value) -> [i64; 5] {
    ["done_rows", "created", "updated", "skipped", "failed"]
        .map(|name| import[name].as_i64().unwrap())
}

async fn leads(api: &Client) -> Vec<Value> {
    let list = api.get("/api/v1/leads?limit=200").await.expect(200);
    let mut rows = list.rows().to_vec();
    rows.sort_by_key(|row| row["phone"].as_str().unwrap_or_default().to_owned());
    rows
}

fn field<'a>(rows: &'a [Value], name: &str) -> Vec<&'a Value> {
    rows.iter().map(|row| &row[name]).collect()
}

/// A file with so many people.
fn many(count: usize) -> String {
    let mut text = "name,phone,tags\n".to_owned();
    for n in 0..count {
        text.push_str(&format!("Person {n},+1415{:07},import\n", 2_000_000 + n));
    }
    text
}

on_both! {
    async fn a_spreadsheet_becomes_leads(world: World) {
        let tenant = world.register().await;
        let api = &tenant.api;
        let text = "sep=;\r\nVorname;Nachname;E-Mail;Handy;Land;Tags;Notiz\r\n\
                    J\u{fc}rgen;\"Gro\u{df}\";j@example.com;0151 12345678;DE;\"vip, berlin\";x\r\n\
                    Ana;Silva;;(11) 99988-7766;Brasil;;\"two\nlines\"\r\n\
                    ;;;;;;\r\n\
                    Bob;;bob@example.com;;;;\r\n";
        let windows: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let begun = send(api, form(windows, &[])).await.expect(202);
        assert_eq!(begun.body["delimiter"], ";");
        assert_eq!(begun.body["encoding"], "windows-1252");
        assert_eq!((begun.text("/filename"), &begun.body["total_rows"]), ("people.csv".to_owned(), &json!(3)));
        assert_eq!(begun.body["columns"][3], json!({"header": "Handy", "field": "mobile"}));
        assert_eq!(begun.body["columns"][6], json!({"header": "Notiz", "field": null}));
        let import = ended(api, &begun).await;
        assert_eq!((&import["status"], counts(&import)), (&json!("done"), [3, 3, 0, 0, 0]), "{import}");
        let rows = leads(api).await;
        assert_eq!(field(&rows, "phone"), [&Value::Null, &json!("+4915112345678"), &json!("+5511999887766")]);
        assert_eq!(field(&rows, "name"), ["Bob", "Jürgen Groß", "Ana Silva"]);
        assert_eq!(field(&rows, "country"), [&Value::Null, &json!("DE"), &json!("BR")]);
        assert_eq!(rows[1]["tags"], json!(["berlin", "vip"]));
        assert_eq!((&rows[1]["source"], &rows[1]["status"]), (&json!("import"), &json!("new")));
        let list = api.get("/api/v1/leads/imports").await.expect(200);
        assert_eq!(list.rows()[0]["id"], begun.body["id"]);
        poll_until("the imported found", async || {
            let found = api.get("/api/v1/search?q=jurg").await.expect(200);
            (found.rows().len() == 1).then_some(())
        })
        .await;
        poll_until("the file's end", async || {
            let kept = world.folder().join("data/media/kept/imports");
            let none = std::fs::read_dir(kept).map_or(true, |files| files.count() == 0);
            none.then_some(())
        })
        .await;
    }

    async fn what_is_wrong_is_told_row_by_row(world: World) {
        let tenant = world.register().await;
        let api = &tenant.api;
        let text = "name,phone,email,status,timezone\n\
                    Ann,+14155550101,,,\n\
                    Bob,12,,,\n\
                    Cid,+14155550103,nobody,lukewarm,Mars/Base\n\
                    Dan,,,,\n\
                    Eve,+14155550105,,,,surplus\n\
                    Fay,4.91511E+12,,,\n\
                    =Gus,+14155550106,=cmd|x,,\n";
        let import = import(api, text, &[]).await;
        assert_eq!(counts(&import), [7, 1, 0, 0, 6], "{import}");
        let told: Vec<_> = import["errors"].as_array().unwrap().iter()
            .map(|error| (error["row"].as_i64().unwrap(), error["column"].as_str().unwrap_or("-"), error["value"].as_str().unwrap_or("-")))
            .collect();
        assert_eq!(told, [
            (3, "phone", "12"),
            (4, "email", "nobody"),
            (4, "status", "lukewarm"),
            (4, "timezone", "Mars/Base"),
            (5, "-", "-"),
            (6, "-", "-"),
            (7, "phone", "4.91511E+12"),
            (8, "email", "=cmd|x"),
        ]);
        assert!(import["errors"][6]["detail"].as_str().unwrap().contains("format the column as text"));
        let sheet = api.get(&format!("/api/v1/leads/imports/{}/errors.csv", import["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(sheet.header("content-type"), "text/csv; charset=utf-8");
        let lines: Vec<_> = sheet.raw.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!((lines[0], lines.len()), ("row,column,value,reason", 9));
        assert!(lines[8].starts_with("8,email,'=cmd|x,"), "{}", lines[8]);
    }

    async fn who_is_known_is_updated_or_left_alone(world: World) {
        let tenant = world.register().await;
        let api = &tenant.api;
        api.post("/api/v1/leads", json!({"phone": "+14155550101", "name": "Old", "tags": ["a"], "email": "o@example.com"})).await.expect(201);
        api.post("/api/v1/leads", json!({"email": "Mail@Example.com"})).await.expect(201);
        let text = "name,phone,email,tags\n\
                    New,(415) 555-0101,,b\n\
                    Mailed,,mail@example.com,\n\
                    Twin,+14155550102,,\n\
                    Twin Two,+1 415 555 0102,,\n\
                    ,+14155550101,,b\n";
        let rehearsed = import(api, text, &[("dry_run", "true")]).await;
        assert_eq!((&rehearsed["dry_run"], counts(&rehearsed)), (&json!(true), [5, 1, 3, 1, 0]), "{rehearsed}");
        assert_eq!(leads(api).await.len(), 2);
        let skipped = import(api, text, &[("on_duplicate", "skip"), ("dry_run", "true")]).await;
        assert_eq!(counts(&skipped), [5, 1, 0, 4, 0], "{skipped}");
        let done = import(api, text, &[]).await;
        assert_eq!(counts(&done), [5, 1, 3, 1, 0], "{done}");
        let rows = leads(api).await;
        assert_eq!(field(&rows, "name"), ["Mailed", "New", "Twin Two"]);
        assert_eq!((&rows[1]["tags"], &rows[1]["email"]), (&json!(["a", "b"]), &json!("o@example.com")));
        // Again, nothing is new.
        let again = import(api, text, &[("on_duplicate", "skip")]).await;
        assert_eq!(counts(&again), [5, 0, 0, 5, 0], "{again}");
    }

    async fn an_opt_out_outlives_an_import(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let api = &tenant.api;
        world.customer_texts(&channel, CUSTOMER, "STOP").await;
        let lead = leads(api).await[0]["id"].as_str().unwrap().to_owned();
        api.delete(&format!("/api/v1/leads/{lead}")).await.expect(204);
        import(api, format!("phone\n{CUSTOMER}\n+14155550198\n"), &[]).await;
        let rows = leads(api).await;
        assert_eq!(field(&rows, "sms_opt_out"), [false, true]);
        assert_eq!(rows[1]["sms_opt_out_number"], channel.number.as_str());
        let text = json!({"to": CUSTOMER, "body": "Hi"});
        api.post("/api/v1/messages", text).await.expect_problem(409, "opted_out");
    }

    async fn a_file_that_is_no_use_is_refused_at_once(world: World) {
        let tenant = world.register().await;
        let api = &tenant.api;
        for (bytes, fields) in [
            ("", &[][..]),
            ("a,b\n1,2\n", &[]),
            ("name,tags\nAnn,x\n", &[]),
            ("phone\n", &[]),
            ("phone,name\n1,a\n2,\"b\n3,c\n", &[]),
        ] {
            let refused = send(api, form(bytes, fields)).await.expect_problem(422, "invalid");
            assert_eq!(refused.pointers(), ["/file"], "{bytes}");
            assert!(!bytes.contains('"') || refused.raw.contains("opens in row 3"), "{}", refused.raw);
        }
        let wrong = form("phone\n1\n", &[("on_duplicate", "merge")]);
        assert_eq!(send(api, wrong).await.expect_problem(422, "invalid").pointers(), ["/on_duplicate"]);
        let wrong = form("phone\n1\n", &[("colour", "red")]);
        assert_eq!(send(api, wrong).await.expect_problem(422, "invalid").pointers(), ["/colour"]);
        let long = format!("phone\n{}", "1\n".repeat(100_001));
        send(api, form(long, &[])).await.expect_problem(422, "invalid");
        let large = vec![b'x'; 21 * 1024 * 1024];
        send(api, form(large, &[])).await.expect_problem(413, "too_large");
        api.post("/api/v1/leads/imports", json!({})).await.expect_problem(415, "unsupported_media_type");
        assert_eq!(api.get("/api/v1/leads/imports").await.expect(200).rows(), [] as [Value; 0]);
    }

    async fn a_file_sent_twice_is_imported_once(world: World) {
        let tenant = world.register().await;
        let api = &tenant.api;
        let send_again = async |text: &str| {
            let request = api.request("POST", "/api/v1/leads/imports").header("idempotency-key", "one");
            api.send(request.multipart(form(text, &[]))).await
        };
        let first = send_again("phone\n+14155550101\n").await.expect(202);
        let again = send_again("phone\n+14155550101\n").await.expect(202);
        assert_eq!((again.header("idempotent-replayed"), &again.body["id"]), ("true", &first.body["id"]));
        send_again("phone\n+14155550102\n").await.expect_problem(422, "idempotency_key_reused");
        ended(api, &first).await;
        assert_eq!(api.get("/api/v1/leads/imports").await.expect(200).rows().len(), 1);
    }

    async fn an_import_is_stopped(world: World) {
        let tenant = world.register().await;
        let api = &tenant.api;
        let begun = send(api, form(many(60_000), &[])).await.expect(202);
        let stop = format!("{}/cancel", path(&begun));
        let stopped = api.post(&stop, json!({})).await.expect(200);
        assert_eq!(stopped.text("/status"), "canceled");
        api.post(&stop, json!({})).await.expect_problem(409, "import_ended");
        let left = leads_count(api).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(leads_count(api).await, left);
        let import = api.get(&path(&begun)).await.expect(200);
        assert_eq!(import.body["done_rows"], json!(left), "{}", import.raw);
        assert!(left < 60_000);
    }

    async fn what_is_exported_is_safe_and_comes_back_as_it_was(world: World) {
        let (ann, bob) = (world.register().await, world.register().await);
        let api = &ann.api;
        for lead in [
            json!({"name": "=HYPERLINK(\"http://evil\")", "phone": "+14155550101", "tags": ["vip", "a b"]}),
            json!({"name": "Müller, \"Max\"", "email": "m@example.com", "timezone": "Europe/Berlin", "country": "DE"}),
            json!({"name": "'=1", "phone": "+14155550104"}),
            json!({"name": "-1", "phone": "+14155550103", "status": "qualified", "source": "web"}),
        ] {
            api.post("/api/v1/leads", lead).await.expect(201);
        }
        let sheet = api.get("/api/v1/leads/export").await.expect(200);
        assert_eq!(sheet.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(sheet.header("content-disposition"), "attachment; filename=\"leads.csv\"");
        // reqwest takes the mark off, as a spreadsheet does.
        let text = sheet.raw.trim_start_matches('\u{feff}');
        assert!(text.starts_with("id,name,phone,email,status,source,tags,country,timezone,"), "{text}");
        assert!(text.contains("\"'=HYPERLINK(\"\"http://evil\"\")\",+14155550101,"), "{text}");
        assert!(text.contains(",'-1,+14155550103,"), "{text}");
        let one = api.get("/api/v1/leads/export?status=qualified").await.expect(200);
        assert_eq!(one.raw.lines().count(), 2);

        import(&bob.api, text.to_owned(), &[]).await;
        let (mine, theirs) = (leads(api).await, leads(&bob.api).await);
        for name in ["name", "phone", "email", "status", "source", "timezone"] {
            assert_eq!(field(&mine, name), field(&theirs, name), "{name}");
        }
        assert_eq!(theirs[1]["tags"], json!(["a b", "vip"]));
        // A number tells where it belongs.
        assert_eq!(field(&theirs, "country"), ["DE", "US", "US", "US"]);
    }
}

async fn leads_count(api: &Client) -> usize {
    let sheet = api.get("/api/v1/leads/export").await.expect(200);
    sheet.raw.lines().count() - 1
}

#[test]
fn after_a_crash_an_import_goes_on_and_nobody_is_missing_or_twice_on_sqlite() {
    runtime().block_on(crash(Backend::Sqlite));
}

#[test]
fn after_a_crash_an_import_goes_on_and_nobody_is_missing_or_twice_on_postgres() {
    runtime().block_on(crash(Backend::Postgres));
}

async fn crash(backend: Backend) {
    const PEOPLE: usize = 30_000;
    let mut world = Setup::on(backend).start().await;
    let tenant = world.register().await;
    let api = &tenant.api;
    let mut text = many(PEOPLE);
    text.push_str("Nobody,12,\n");
    let began = Instant::now();
    let begun = send(api, form(text, &[])).await.expect(202);
    for _ in 0..2 {
        let done = async || {
            let import = api.get(&path(&begun)).await.expect(200);
            import.body["done_rows"].as_i64().unwrap()
        };
        let before = done().await;
        poll_until("progress", async || (done().await > before).then_some(())).await;
        world.crash_and_restart();
    }
    let import = ended(api, &begun).await;
    println!("{PEOPLE} people in {:?}, with two crashes", began.elapsed());
    assert_eq!(
        counts(&import),
        [PEOPLE as i64 + 1, PEOPLE as i64, 0, 0, 1],
        "{import}"
    );
    assert_eq!(leads_count(api).await, PEOPLE);
}
