use serde_json::json;
use wigwag_testkit::Server;

#[tokio::test]
async fn admins_make_users_and_everyone_finds_them() {
    let server = Server::start().await;
    let root = server.root();
    let input = json!({ "username": "ada", "name": "Ada Ünïcode", "email": "ada@example.com", "odd": [1] });
    let ada = root.post("/api/v4/users", input).await.created();
    assert_eq!((&ada["username"], &ada["is_admin"]), (&json!("ada"), &json!(false)));
    assert_eq!(ada["created_at"], "2026-01-01T00:00:00.000Z");
    let form = "username=bob&name=Bob+B&email=bob%40example.com&admin=true";
    let bob = root.request("POST", "/api/v4/users").form(form).send().await.created();
    assert_eq!((&bob["name"], &bob["is_admin"]), (&json!("Bob B"), &json!(true)));

    let as_ada = server.token_of("ada", &["read_api"]).await;
    assert_eq!(as_ada.get("/api/v4/user").await.ok()["email"], "ada@example.com");
    let seen = as_ada.get(&format!("/api/v4/users/{}", bob["id"])).await.ok();
    assert_eq!((&seen["username"], seen.get("email")), (&json!("bob"), None));
    assert_eq!(as_ada.get("/api/v4/users/BOB").await.ok()["id"], bob["id"]);
    assert_eq!(as_ada.get("/api/v4/users?username=bob").await.ok()[0]["id"], bob["id"]);
    assert_eq!(as_ada.get("/api/v4/users?username=nobody").await.ok(), json!([]));
    assert_eq!(as_ada.get("/api/v4/users?search=unicode").await.ok(), json!([]));
    assert_eq!(as_ada.get("/api/v4/users?search=example").await.ok().as_array().unwrap().len(), 2);
    assert_eq!(as_ada.get("/api/v4/users/99").await.expect(404)["message"], "404 User Not Found");
    let refused = as_ada.post("/api/v4/users", json!({ "username": "eve" })).await;
    refused.expect(400);
}

#[tokio::test]
async fn listings_tell_of_their_pages() {
    let server = Server::start().await;
    for name in ["a", "b", "c", "d"] {
        server.user(name).await;
    }
    let root = server.root();
    let page = root.get("/api/v4/users?per_page=2&page=2").await;
    let names: Vec<_> = page.ok().as_array().unwrap().iter().map(|user| user["username"].clone()).collect();
    assert_eq!(names, ["b", "c"]);
    let headers = ["x-total", "x-total-pages", "x-per-page", "x-page", "x-next-page", "x-prev-page"];
    assert_eq!(headers.map(|name| page.header(name)), ["5", "3", "2", "2", "3", "1"]);
    let base = format!("http://{}/api/v4/users?page", server.address);
    assert!(page.header("link").contains(&format!("<{base}=3&per_page=2>; rel=\"next\"")));
    assert_eq!(root.get("/api/v4/users?per_page=101&page=0").await.header("x-per-page"), "100");
    assert_eq!(root.get("/api/v4/users?page=99").await.ok(), json!([]));
    let wrong = root.get("/api/v4/users?page=many").await.expect(400);
    assert_eq!(wrong["error"], "page is invalid: must be a whole number");
}

#[tokio::test]
async fn wrong_input_is_told_by_its_field() {
    let server = Server::start().await;
    let root = server.root();
    server.user("ada").await;
    let check = async |input: serde_json::Value, status: u16, told: &str| {
        let answer = root.post("/api/v4/users", input.clone()).await;
        let shown = answer.expect(status).to_string();
        assert!(shown.contains(told), "{input}: {shown}");
    };
    let user = |username: &str, name: &str, email: &str| json!({ "username": username, "name": name, "email": email });
    check(json!({}), 400, "email is missing").await;
    check(json!([]), 400, "must be a JSON object").await;
    check(json!({ "username": {} }), 400, "username is invalid: must be a text").await;
    check(user("ada", "A", "a@example.com"), 409, "Username has already been taken").await;
    check(user("eve", "A", "ADA@example.com"), 409, "Email has already been taken").await;
    check(user("e v e", "A", "a@example.com"), 400, "can contain only letters").await;
    check(user("eve", "A\r\nSet-Cookie: x", "a@example.com"), 400, "control characters").await;
    check(user("eve", "A", "a@example.com\r\nBcc: b@example.com"), 400, "is invalid").await;
    check(user("eve", "", "a@example.com"), 400, "name").await;
    check(user(&"e".repeat(256), "A", "a@example.com"), 400, "too long").await;
}

#[tokio::test]
async fn hostile_bodies_are_refused() {
    let server = Server::start().await;
    let root = server.root();
    let check = async |media_type: &str, body: Vec<u8>, status: u16, told: &str| {
        let answer = root.request("POST", "/api/v4/users").body(media_type, body).send().await;
        assert!(answer.expect(status).to_string().contains(told), "{}", answer.text());
    };
    check("application/json", b"{\"a\":".to_vec(), 400, "line 1 column 5").await;
    check("application/json", vec![b'['; 100_000], 400, "recursion limit").await;
    check("application/json", vec![b' '; 300_000], 413, "at most 262144 bytes").await;
    check("application/json", b"{\"name\":\"\xff\"}".to_vec(), 400, "not valid JSON").await;
    check("text/xml", b"<a/>".to_vec(), 415, "'text/xml' is not supported").await;
    check("application/x-www-form-urlencoded", b"name[a][b][c][d]=1&name[=2&%00=3".to_vec(), 400, "missing")
        .await;
    let anyone = root.anonymous();
    let unread = anyone.request("POST", "/api/v4/users").body("application/json", vec![b' '; 300_000]);
    assert_eq!(unread.send().await.expect(401)["message"], "401 Unauthorized");
}
