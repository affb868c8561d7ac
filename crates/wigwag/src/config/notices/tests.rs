use super::notices;
use toml::Table;

#[test]
fn the_chats_address_is_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("url");
    std::fs::write(&file, "https://chat.example/hooks/hunter2\n").unwrap();
    let read = |text: &str| {
        let table: Table = format!("[notices]\n{text}").parse().unwrap();
        notices(table.get("notices")).map(|read| read.chat_url.map(|url| url.expose().clone()))
    };
    let given = read(&format!("chat_url_file = {:?}", file.to_str().unwrap())).unwrap();
    assert_eq!(given.as_deref(), Some("https://chat.example/hooks/hunter2"));
    assert_eq!(read("").unwrap(), None);
    let told = read("chat_url = \"https://chat.example/hooks/hunter2\"").unwrap_err().to_string();
    assert!(told.contains("does not belong into this file") && !told.contains("hunter2"), "{told}");
}
