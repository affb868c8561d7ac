use super::mail;
use crate::limits::CA_FILE_BYTES_MAX;
use toml::Table;

/// `HOST:PORT TLS`, or what is wrong.
fn read(text: &str) -> String {
    let table: Table = format!("[mail]\n{text}").parse().unwrap();
    match mail(&table["mail"]) {
        Ok(read) => format!("{}:{} {:?}", read.smtp.host, read.smtp.port, read.smtp.tls),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_mail_server_has_a_host_and_a_sender() {
    let check = |text: &str, is: &str| {
        let base = "host = \"smtp.example\"\nfrom = \"wigwag@example.org\"";
        assert_eq!(read(&format!("{base}\n{text}")), is, "{text}");
    };
    check("", "smtp.example:587 StartTls");
    check("tls = \"implicit\"", "smtp.example:465 Implicit");
    check("tls = \"none\"", "smtp.example:25 None");
    check("port = 2525", "smtp.example:2525 StartTls");
    for port in ["0", "65536", "\"25\""] {
        check(&format!("port = {port}"), "mail: port: must be a whole number from 1 to 65535");
    }
    check("tls = \"yes\"", "mail: tls: must be \"starttls\", \"implicit\" or \"none\", and is \"yes\"");
    check(
        "from_name = \"x\"",
        "mail: there is no \"from_name\"; there are host, port, tls, user, password_file, \
         password_env, from, ca_file",
    );
    check(
        "password = \"hunter2\"",
        "mail: password: a password does not belong into this file; name a file \
         (password_file) or a variable (password_env)",
    );
    check(
        "user = \"u\"",
        "mail: the password is missing: set WIGWAG_MAIL_PASSWORD, or password_file = \"FILE\"",
    );
    assert_eq!(read("host = \"smtp.example\""), "mail: from: is missing");
    assert_eq!(read("from = \"a@b\""), "mail: host: is missing");
}

#[test]
fn a_password_goes_over_no_open_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "hunter2\n").unwrap();
    let check = |text: &str, is: &str| {
        let base = format!("host = \"h\"\nfrom = \"a@b\"\npassword_file = {:?}", file.to_str().unwrap());
        let told = read(&format!("{base}\n{text}"));
        assert!(told.starts_with(is) && !told.contains("hunter2"), "{told}");
    };
    check("user = \"u\"", "h:587 StartTls");
    check("user = \"u\"\ntls = \"none\"", "mail: tls: \"none\" would show the password");
    check("", "mail: user: is missing");
}

#[test]
fn an_authority_is_a_file_of_some_size() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    for (bytes, fits) in [(CA_FILE_BYTES_MAX, true), (CA_FILE_BYTES_MAX + 1, false)] {
        std::fs::write(&file, vec![b'x'; usize::try_from(bytes).unwrap()]).unwrap();
        let told = read(&format!("host = \"h\"\nfrom = \"a@b\"\nca_file = {:?}", file.to_str().unwrap()));
        assert_eq!(told == "h:587 StartTls", fits, "{told}");
    }
    assert!(
        read("host = \"h\"\nfrom = \"a@b\"\nca_file = \"/nowhere\"").starts_with("mail: ca_file: /nowhere: ")
    );
}
