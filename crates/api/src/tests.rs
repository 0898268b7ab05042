//! What holds for every request.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::json;
use test_db::TestDb;

use crate::fixture::{App, settings, with_token};
use crate::limiter::Limits;
use crate::state::Settings;

#[actix_web::test]
async fn an_unknown_path_is_a_problem_with_the_requests_id() {
    let app = App::sqlite().await;
    for path in [
        "/",
        "/nowhere",
        "/api/v1/nowhere",
        "/api/nowhere",
        "/api/v1/users/a/b",
    ] {
        app.get(path, "").await.expect_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn a_known_path_says_which_methods_it_takes() {
    let app = App::sqlite().await;
    for (method, path, allow) in [
        (Method::PUT, "/api/v1/users", "GET, POST"),
        (Method::DELETE, "/api/users", "GET, POST"),
        (Method::POST, "/api/v1/users/0190", "GET, PATCH, DELETE"),
        (Method::POST, "/healthz", "GET"),
        (Method::GET, "/api/v1/auth/login", "POST"),
        (Method::HEAD, "/api/v1/auth/login", "POST"),
    ] {
        let reply = app
            .send(TestRequest::default().method(method).uri(path))
            .await;
        assert_eq!(
            reply
                .expect_problem(405, "method_not_allowed")
                .header("allow"),
            allow,
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_method_nobody_has_heard_of_is_refused() {
    let app = App::sqlite().await;
    let brew = Method::from_bytes(b"BREW").unwrap();
    let reply = app
        .send(TestRequest::default().method(brew).uri("/api/v1/users"))
        .await;
    reply.expect_problem(405, "method_not_allowed");
}

#[actix_web::test]
async fn a_sane_request_id_comes_back_and_any_other_is_replaced() {
    let app = App::sqlite().await;
    let id = |given: &'static str| {
        app.send(
            TestRequest::get()
                .uri("/healthz")
                .insert_header(("x-request-id", given)),
        )
    };
    assert_eq!(
        id("abc-123_4.5").await.header("x-request-id"),
        "abc-123_4.5"
    );
    let made_up = id("a b\"c").await;
    assert_eq!(made_up.header("x-request-id").len(), 36);
}

#[actix_web::test]
async fn every_answer_carries_the_security_headers() {
    let app = App::sqlite().await;
    for path in ["/healthz", "/nowhere", "/api/v1/users"] {
        let reply = app.get(path, "").await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("x-frame-options"), "DENY");
        assert!(
            reply
                .header("content-security-policy")
                .starts_with("default-src 'none'")
        );
    }
}

#[actix_web::test]
async fn the_documentation_page_loads_from_here_and_nowhere_else() {
    let app = App::sqlite().await;
    let page = app.get("/docs/", "").await.expect(200);
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'self'")
    );
    let initializer = app
        .get("/docs/swagger-initializer.js", "")
        .await
        .expect(200);
    for text in [page.body.to_string(), initializer.body.to_string()] {
        assert!(!text.contains("https://"), "{text}");
    }
    assert!(
        initializer
            .body
            .to_string()
            .contains("/api/v1/openapi.json")
    );
    app.get("/docs/swagger-ui-bundle.js", "").await.expect(200);
    assert_eq!(
        app.get("/docs", "").await.expect(308).header("location"),
        "/docs/"
    );
    let document = app.get("/api/v1/openapi.json", "").await.expect(200);
    assert_eq!(document.text("/openapi"), "3.1.0");
}

#[actix_web::test]
async fn health_does_not_need_the_database_and_readiness_does() {
    let app = App::sqlite().await;
    app.get("/readyz", "").await.expect(200);
    app.db.db().clone().close().await.unwrap();
    app.get("/healthz", "").await.expect(200);
    let reply = app.get("/readyz", "").await.expect(503);
    assert_eq!(
        reply.body,
        json!({"database": false, "migrations": false, "worker": true})
    );
}

#[actix_web::test]
async fn a_database_that_is_away_is_503() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    app.db.db().clone().close().await.unwrap();
    let reply = app
        .get("/api/v1/users", &owner)
        .await
        .expect_problem(503, "unavailable");
    assert_eq!(reply.header("retry-after"), "2");
    app.log_in("ann@example.com")
        .await
        .expect_problem(503, "unavailable");
}

#[actix_web::test]
async fn no_login_is_401_on_every_described_operation_that_needs_one() {
    let app = App::sqlite().await;
    let mut asked = 0;
    for (path, methods) in crate::openapi::methods() {
        if path.contains("/auth/") {
            continue;
        }
        let path = path.replace("{id}", "0190a0b0-0000-7000-8000-000000000000");
        for method in methods {
            for token in ["", "tlk_wrong", "e30.e30.e30"] {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let request = TestRequest::default().method(method).uri(&path);
                let reply = app
                    .send(with_token(request, token).set_json(json!({})))
                    .await;
                let reply = reply.expect_problem(401, "unauthenticated");
                assert_eq!(reply.header("www-authenticate"), "Bearer");
                asked += 1;
            }
        }
    }
    assert!(asked > 20);
}

#[actix_web::test]
async fn bodies_are_refused_for_what_is_wrong_with_them() {
    let app = App::sqlite().await;
    let send = |content_type: &'static str, body: Vec<u8>| {
        let request = TestRequest::post().uri("/api/v1/auth/login");
        app.send(
            request
                .insert_header(("content-type", content_type))
                .set_payload(body),
        )
    };
    let json = "application/json";
    send(json, b"{".to_vec())
        .await
        .expect_problem(400, "malformed");
    send(json, b"\xff\xfe".to_vec())
        .await
        .expect_problem(400, "malformed");
    send("text/plain", b"{}".to_vec())
        .await
        .expect_problem(415, "unsupported_media_type");
    send(json, vec![b' '; 1024 * 1024 + 1])
        .await
        .expect_problem(413, "too_large");
    let reply = send(json, b"{}".to_vec())
        .await
        .expect_problem(422, "invalid");
    assert_eq!(reply.text("/errors/0/pointer"), "/email");
    let nul = br#"{"email":"a\u0000@example.com","password":"x"}"#.to_vec();
    let reply = send("application/json; charset=utf-8", nul)
        .await
        .expect_problem(422, "invalid");
    assert_eq!(reply.text("/errors/0/pointer"), "/email");
}

#[actix_web::test]
async fn a_caller_who_asks_too_often_waits() {
    let limits = Limits {
        requests_per_minute: 3,
        ..Limits::default()
    };
    let app = App::with(
        TestDb::sqlite().await,
        Settings {
            limits,
            ..settings()
        },
    )
    .await;
    let owner = app.owner("ann@example.com").await;
    let reply = app.get("/api/v1/users", &owner).await.expect(200);
    assert_eq!(reply.header("ratelimit-limit"), "3");
    assert_eq!(reply.header("ratelimit-remaining"), "2");
    assert_eq!(reply.header("ratelimit-reset"), "20");
    app.get("/api/v1/users", &owner).await.expect(200);
    app.get("/api/v1/users", &owner).await.expect(200);
    let refused = app.get("/api/v1/users", &owner).await;
    let refused = refused.expect_problem(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "20");
    assert_eq!(refused.header("ratelimit-remaining"), "0");
    app.state.clock.advance(TimeDelta::seconds(20));
    app.get("/api/v1/users", &owner).await.expect(200);
}

#[actix_web::test]
async fn a_client_that_makes_up_keys_waits() {
    let limits = Limits {
        requests_per_minute: 2,
        ..Limits::default()
    };
    let app = App::with(
        TestDb::sqlite().await,
        Settings {
            limits,
            ..settings()
        },
    )
    .await;
    let owner = app.owner("ann@example.com").await;
    for _ in 0..2 {
        app.get("/api/v1/users", "tlk_made_up")
            .await
            .expect_problem(401, "unauthenticated");
    }
    app.get("/api/v1/users", "tlk_made_up")
        .await
        .expect_problem(429, "too_many_requests");
    // Behind the same address, and not held to answer for it.
    app.get("/api/v1/users", &owner).await.expect(200);
    app.state.clock.advance(TimeDelta::minutes(1));
    app.get("/api/v1/users", "tlk_made_up")
        .await
        .expect_problem(401, "unauthenticated");
}

#[actix_web::test]
async fn requests_are_counted_by_route() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let figures = recorder.handle();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let app = App::sqlite().await;
    app.get("/api/v1/users/0190", "").await.expect(401);
    app.get("/api/messages/0190?x=1", "").await.expect(401);
    app.get("/api/v1/admin/sms-queue", "").await.expect(401);
    app.get("/healthz", "").await.expect(200);
    app.get("/made/up", "").await.expect(404);
    app.get("/api/v1/made/up", "").await.expect(404);
    let figures = figures.render();
    for line in [
        r#"http_requests_total{method="GET",route="/api/v1/users/{id}",status="401"} 1"#,
        r#"http_requests_total{method="GET",route="/api/messages/{id}",status="401"} 1"#,
        r#"http_requests_total{method="GET",route="/api/v1/admin/sms-queue",status="401"} 1"#,
        r#"http_requests_total{method="GET",route="/healthz",status="200"} 1"#,
        r#"http_requests_total{method="GET",route="unknown",status="404"} 2"#,
    ] {
        assert!(figures.contains(line), "{figures}");
    }
}

#[actix_web::test]
async fn an_unchanged_list_is_not_sent_again() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let poll = |path: &'static str, etag: String| {
        let request = TestRequest::get()
            .uri(path)
            .insert_header(("if-none-match", etag));
        app.send(with_token(request, &owner))
    };
    let first = app.get("/api/v1/users", &owner).await.expect(200);
    let etag = first.header("etag").to_owned();
    assert_eq!(first.header("events-cursor"), "0");
    assert_eq!(first.header("cache-control"), "private, no-cache");

    let again = poll("/api/v1/users", etag.clone()).await.expect(304);
    assert_eq!(
        (again.header("etag"), again.body.as_str()),
        (etag.as_str(), Some(""))
    );
    poll("/api/v1/users", format!("\"other\", W/{etag}"))
        .await
        .expect(304);
    poll("/api/v1/users", "*".to_owned()).await.expect(304);
    poll("/api/v1/users?limit=1", etag.clone())
        .await
        .expect(200);
    poll(
        "/api/v1/users/0190a0b0-0000-7000-8000-000000000000",
        "*".to_owned(),
    )
    .await
    .expect(404);

    app.member(&owner, "bob@example.com", "agent").await;
    let changed = poll("/api/v1/users", etag).await.expect(200);
    assert_eq!(changed.header("events-cursor"), "1");
}

#[actix_web::test]
async fn links_in_an_answer_that_is_called_unchanged_still_hold() {
    let app = App::sqlite().await;
    app.owner("ann@example.com").await;
    let poll = async |etag: &str| {
        // Logins last for minutes.
        let token = app.log_in("ann@example.com").await.text("/token");
        let request = TestRequest::get()
            .uri("/api/v1/messages")
            .insert_header(("if-none-match", etag.to_owned()));
        app.send(with_token(request, &token)).await
    };
    let etag = poll("").await.expect(200).header("etag").to_owned();
    poll(&etag).await.expect(304);
    let clock = &app.state.clock;
    let media = entity::id::MediaId::new(clock);
    let links = &app.state.settings.terms.links;
    let link = links.for_page(media.0, ::media::Variant::Original, clock.now());
    let token = link.rsplit('/').next().unwrap();
    for _ in 0..8 {
        clock.advance(chrono::TimeDelta::minutes(15));
        let holds = links.read(token, clock.now()).is_some();
        let answer = poll(&etag).await;
        assert!(holds || answer.status == 200, "{}", answer.status);
    }
    poll(&etag).await.expect(200);
}

#[actix_web::test]
async fn nobody_gets_a_304_for_what_somebody_else_has_seen() {
    let app = App::sqlite().await;
    let (ann, eve) = (
        app.owner("ann@example.com").await,
        app.owner("eve@example.com").await,
    );
    let etag = app
        .get("/api/v1/users", &ann)
        .await
        .header("etag")
        .to_owned();
    let request = TestRequest::get()
        .uri("/api/v1/users")
        .insert_header(("if-none-match", etag));
    app.send(with_token(request, &eve)).await.expect(200);
}

#[actix_web::test]
async fn head_is_answered_where_get_is() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    for path in ["/healthz", "/readyz", "/api/v1/users"] {
        let request = TestRequest::default().method(Method::HEAD).uri(path);
        app.send(with_token(request, &owner)).await.expect(200);
    }
}

#[actix_web::test]
async fn the_queue_is_read_anew_only_when_something_has_changed() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let poll = |etag: String| {
        let request = TestRequest::get()
            .uri("/api/v1/admin/sms-queue")
            .insert_header(("if-none-match", etag));
        app.send(with_token(request, &owner))
    };
    let etag = poll(String::new())
        .await
        .expect(200)
        .header("etag")
        .to_owned();
    poll(etag.clone()).await.expect(304);
    let alive = &app.state.worker_alive;
    alive.store(false, std::sync::atomic::Ordering::Relaxed);
    poll(etag.clone()).await.expect(200);
    alive.store(true, std::sync::atomic::Ordering::Relaxed);
    app.member(&owner, "bob@example.com", "agent").await;
    poll(etag).await.expect(200);
}

#[actix_web::test]
async fn a_key_that_may_see_leads_only_sees_no_texts() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let body = json!({"name": "crm", "scopes": ["leads:read", "leads:write"]});
    let made = app.post("/api/v1/api-keys", &owner, body).await.expect(201);
    let key = made.text("/key");
    let lead = app.post("/api/v1/leads", &key, json!({"name": "Bo"})).await;
    let path = format!("/api/v1/leads/{}", lead.expect(201).text("/id"));
    app.get(&path, &key).await.expect(200);
    for texts in ["sms", "interactions"] {
        app.get(&format!("{path}/{texts}"), &key)
            .await
            .expect_problem(403, "forbidden");
    }
}
