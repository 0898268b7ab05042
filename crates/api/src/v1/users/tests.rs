use serde_json::{Value, json};
use test_db::{TestDb, on_both_databases};

use crate::fixture::App;

on_both_databases! {
    async fn people_are_added_listed_changed_and_removed(db: TestDb) {
        let app = App::on(db).await;
        let owner = app.owner("ann@example.com").await;
        let body = json!({"email": " Bob@Example.com ", "name": "Bob", "role": "agent"});

        let created = app.post("/api/v1/users", &owner, body).await.expect(201);
        assert_eq!(created.text("/email"), "bob@example.com");
        let path = created.header("location").to_owned();
        assert_eq!(path, format!("/api/v1/users/{}", created.text("/id")));
        let one_time = json!({"email": "bob@example.com", "password": created.text("/one_time_password")});
        let bob = app.post("/api/v1/auth/login", "", one_time).await.expect(200).text("/token");

        let list = app.get("/api/users", &owner).await.expect(200);
        let emails = |list: &Value| -> Vec<String> {
            let rows = list["data"].as_array().unwrap();
            rows.iter().map(|row| row["email"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(emails(&list.body), ["ann@example.com", "bob@example.com"]);
        assert_eq!(list.body["next_cursor"], Value::Null);

        app.patch(&path, &owner, json!({"role": "viewer"})).await.expect(200);
        assert_eq!(app.get(&path, &bob).await.expect(200).text("/role"), "viewer");
        app.delete(&path, &owner).await.expect(204);
        app.get(&path, &owner).await.expect_problem(404, "not_found");
        app.get("/api/v1/users", &bob).await.expect_problem(401, "unauthenticated");
    }

    async fn a_list_is_read_page_by_page(db: TestDb) {
        let app = App::on(db).await;
        let owner = app.owner("ann@example.com").await;
        for name in ["bob", "cleo"] {
            let body = json!({"email": format!("{name}@example.com"), "role": "viewer"});
            app.post("/api/v1/users", &owner, body).await.expect(201);
        }
        let first = app.get("/api/v1/users?limit=2", &owner).await.expect(200);
        assert_eq!(first.body["data"].as_array().unwrap().len(), 2);
        let next = format!("/api/v1/users?limit=2&cursor={}", first.text("/next_cursor"));
        let second = app.get(&next, &owner).await.expect(200);
        assert_eq!(second.body["data"].as_array().unwrap().len(), 1);
        assert_eq!(second.text("/data/0/email"), "cleo@example.com");
        assert_eq!(second.body["next_cursor"], Value::Null);
    }
}

#[actix_web::test]
async fn another_tenants_people_are_not_there() {
    let app = App::sqlite().await;
    let (ann, eve) = (
        app.owner("ann@example.com").await,
        app.owner("eve@example.com").await,
    );
    let id = app
        .get("/api/v1/auth/me", &ann)
        .await
        .expect(200)
        .text("/user/id");
    let path = format!("/api/v1/users/{id}");
    app.get(&path, &eve).await.expect_problem(404, "not_found");
    app.patch(&path, &eve, json!({"role": "viewer"}))
        .await
        .expect_problem(404, "not_found");
    app.delete(&path, &eve)
        .await
        .expect_problem(404, "not_found");
}

#[actix_web::test]
async fn a_cursor_of_another_tenant_is_refused() {
    let app = App::sqlite().await;
    let (ann, eve) = (
        app.owner("ann@example.com").await,
        app.owner("eve@example.com").await,
    );
    app.member(&ann, "bob@example.com", "viewer").await;
    let cursor = app
        .get("/api/v1/users?limit=1", &ann)
        .await
        .text("/next_cursor");
    let path = format!("/api/v1/users?cursor={cursor}");
    app.get(&path, &ann).await.expect(200);
    app.get(&path, &eve).await.expect_problem(422, "invalid");
    let path = format!("/api/v1/api-keys?cursor={cursor}");
    app.get(&path, &ann).await.expect_problem(422, "invalid");
    app.get("/api/v1/users?limit=0", &ann)
        .await
        .expect_problem(422, "invalid");
}

#[actix_web::test]
async fn rights_end_where_the_role_does() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let viewer = app.member(&owner, "vic@example.com", "viewer").await;
    let admin = app.member(&owner, "ada@example.com", "admin").await;
    let body = |role: &str| json!({"email": "new@example.com", "role": role});
    app.post("/api/v1/users", &viewer, body("viewer"))
        .await
        .expect_problem(403, "forbidden");
    app.post("/api/v1/users", &admin, body("owner"))
        .await
        .expect_problem(403, "forbidden");
    app.get("/api/v1/api-keys", &admin)
        .await
        .expect_problem(403, "forbidden");
    app.post("/api/v1/users", &admin, body("admin"))
        .await
        .expect(201);
}

#[actix_web::test]
async fn the_last_owner_stays() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let id = app.get("/api/v1/auth/me", &owner).await.text("/user/id");
    let path = format!("/api/v1/users/{id}");
    app.delete(&path, &owner)
        .await
        .expect_problem(409, "last_owner");
    let reply = app.patch(&path, &owner, json!({"role": "agent"})).await;
    reply.expect_problem(409, "last_owner");
}

#[actix_web::test]
async fn what_is_no_id_is_not_there() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    for id in ["1", "me", "%00", "0190a0b0-0000-7000-8000-00000000000z"] {
        app.get(&format!("/api/v1/users/{id}"), &owner)
            .await
            .expect_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn all_mistakes_are_told_at_once() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let body = json!({"email": "bob", "name": " ", "role": "agent"});
    let reply = app
        .post("/api/v1/users", &owner, body)
        .await
        .expect_problem(422, "invalid");
    assert_eq!(reply.text("/errors/0/pointer"), "/email");
    assert_eq!(reply.text("/errors/1/pointer"), "/name");
}
