//! What a browser is sent. The page itself is tried in a real browser, by `ui/e2e`.

use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service};

use super::*;

async fn get(path: &str, headers: &[(&str, &str)]) -> ServiceResponse {
    let app = App::new().configure(routes);
    let app = app.default_service(web::to(HttpResponse::ImATeapot));
    let mut request = TestRequest::get().uri(path);
    for header in headers {
        request = request.insert_header(*header);
    }
    call_service(&init_service(app).await, request.to_request()).await
}

fn header<'a>(answer: &'a ServiceResponse, name: &str) -> &'a str {
    let value = answer.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

const PAGE: [(&str, &str); 1] = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];

#[actix_web::test]
async fn every_address_of_the_page_shows_it() {
    for path in [
        "/",
        "/inbox",
        "/inbox/0198c1f0",
        "/leads?q=x",
        "/index.html",
    ] {
        let answer = get(path, &PAGE).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
        assert_eq!(header(&answer, "cache-control"), "no-store");
    }
    assert_eq!(get("/", &[]).await.status(), StatusCode::OK);
}

#[actix_web::test]
async fn each_answer_has_a_policy_of_its_own() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let answer = get("/", &PAGE).await;
        let policy = header(&answer, "content-security-policy").to_owned();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        let (_, rest) = policy.split_once("'nonce-").unwrap();
        let nonce = rest.split_once('\'').unwrap().0.to_owned();
        let body = to_bytes(answer.into_body()).await.ok().unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(!text.contains(NONCE));
        // Built without its page, there is nothing to allow.
        assert!(text.contains(&nonce) || text.contains("without its page"));
        seen.push(nonce);
    }
    assert_ne!(seen[0], seen[1]);
}

#[actix_web::test]
async fn programs_and_writers_are_not_sent_a_page() {
    for headers in [
        &[][..],
        &[("accept", "*/*")],
        &[("accept", "application/json")],
        &[("accept", "application/json, text/html;q=0")],
    ] {
        assert_eq!(
            get("/inbox", headers).await.status(),
            StatusCode::IM_A_TEAPOT
        );
    }
    let app = App::new().configure(routes);
    let app = app.default_service(web::to(HttpResponse::ImATeapot));
    let request = TestRequest::post()
        .uri("/")
        .insert_header(PAGE[0])
        .to_request();
    let answer = call_service(&init_service(app).await, request).await;
    assert_eq!(answer.status(), StatusCode::IM_A_TEAPOT);
}

#[actix_web::test]
async fn files_are_kept_and_asked_for_once() {
    let script = Files::iter().find(|path| path.starts_with(ASSETS) && path.ends_with(".js"));
    // Built without its page, there is none.
    let Some(script) = script else { return };
    let path = format!("/{script}");
    let answer = get(&path, &[]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(
        header(&answer, "cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert!(header(&answer, "content-type").starts_with("text/javascript"));
    let etag = header(&answer, "etag").to_owned();
    let again = get(&path, &[("if-none-match", &etag)]).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let small = get(&path, &[("accept-encoding", "gzip, deflate, br")]).await;
    assert_eq!(header(&small, "content-encoding"), "br");
    let smaller = get(&path, &[("accept-encoding", "gzip;q=1")]).await;
    assert_eq!(header(&smaller, "content-encoding"), "gzip");
    let refused = get(&path, &[("accept-encoding", "br;q=0, gzip;q=0.0")]).await;
    assert_eq!(header(&refused, "content-encoding"), "");
}
