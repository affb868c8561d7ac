use super::grafana;
use toml::Table;

fn check(text: &str, told: &str) {
    let table: Table = text.parse().unwrap();
    let read = grafana(&table["grafana"]);
    assert_eq!(read.map(|read| read.url).unwrap_or_else(|error| error.to_string()), told, "{text}");
}

#[test]
fn grafana_has_a_url_and_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "glsa-1\n").unwrap();
    let token = format!("token_file = {:?}", file.to_str().unwrap());
    check(
        &format!("[grafana]\nurl = \"https://grafana.example/sub/\"\n{token}"),
        "https://grafana.example/sub",
    );
    check("grafana = true", "grafana: must be a table");
    check(&format!("[grafana]\n{token}"), "grafana: url: is missing");
    check(
        &format!("[grafana]\nurl = \"grafana.example\"\n{token}"),
        "grafana: url: \"grafana.example\" must be http:// or https://, a host, and a path if there is one, such as \
         https://grafana.example",
    );
    check(
        "[grafana]\nurl = \"https://grafana.example\"",
        "grafana: the token is missing: set WIGWAG_GRAFANA_TOKEN, or token_file = \"FILE\"",
    );
    check(
        &format!("[grafana]\nurl = \"https://x\"\ndashboard = 5\n{token}"),
        "grafana: there is no \"dashboard\"; there are url, token_file, token_env",
    );
}
