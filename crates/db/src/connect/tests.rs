use super::*;

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_a_new_sqlite_database() {
    use sea_orm::ConnectionTrait;
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let url = format!("sqlite://{}", data.join("test.db").display());
    let db = Db::connect(&Options::new(url)).await.unwrap();
    db.writer()
        .execute_unprepared("CREATE TABLE t (id INTEGER)")
        .await
        .unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> = std::fs::read_dir(&data).unwrap().collect();
    assert!(files.len() > 1, "the log is beside the file");
    for file in files {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[tokio::test]
async fn a_folder_that_is_there_keeps_its_rights() {
    let folder = tempfile::tempdir().unwrap();
    private_folder(folder.path()).unwrap();
    let file = folder.path().join("test.db");
    private_file(&file).unwrap();
    private_file(&file).unwrap();
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_said_to_be_silent() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let options = Options {
        acquire_timeout: Duration::from_millis(200),
        ..Options::new(format!("postgres://nobody:secret@{address}/none"))
    };
    let error = Db::connect(&options).await.unwrap_err().to_string();
    assert!(error.starts_with("no answer came within 0.2 s"), "{error}");
    assert!(!error.contains("secret"), "{error}");
}
