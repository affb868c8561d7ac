use super::{changed, definitions, features};
use wigwag_flags::limits::{ACTORS_MAX, GROUPS_MAX};

/// What is made of one flag with these gates: its state in words, or what is wrong.
fn check(gates: &str, is: &str) {
    let body = format!(r#"[{{"name":"f","state":"on","gates":{gates},"definition":null}}]"#);
    let (mut features, _) = features(body.as_bytes()).unwrap();
    let found = match features.pop().unwrap() {
        Ok((name, state)) => {
            assert_eq!(name.as_str(), "f");
            format!("{:?} {}", state.boolean, state.words().join("; "))
        }
        Err((name, finding)) => {
            assert_eq!((name.unwrap().as_str(), finding.file.as_str()), ("f", "f"));
            format!("{} {}", finding.field.unwrap(), finding.rule)
        }
    };
    assert_eq!(found, is, "{gates}");
}

#[test]
fn gates_are_taken_exactly() {
    check("[]", "None ");
    check(r#"[{"key":"boolean","value":true}]"#, "Some(true) on for everyone");
    check(r#"[{"key":"boolean","value":false}]"#, "Some(false) off for everyone");
    check(r#"[{"key":"boolean","value":null},{"key":"expression","value":null}]"#, "None ");
    check(
        r#"[{"key":"boolean","value":false},{"key":"actors","value":["User:5","Project:1","User:6:opt_out"]}]"#,
        "None actors: Project:1, User:5; opted out: User:6",
    );
    check(r#"[{"key":"percentage_of_actors","value":32.639}]"#, "None 32.639 % of actors");
    check(r#"[{"key":"percentage_of_actors","value":"25"}]"#, "None 25 % of actors");
    check(r#"[{"key":"percentage_of_actors","value":0}]"#, "None ");
    check(r#"[{"key":"percentage_of_time","value":100}]"#, "None 100 % of time");
    check(
        r#"[{"key":"groups","value":["staff","gitlab_team_members"]}]"#,
        "None groups: gitlab_team_members, staff",
    );
}

#[test]
fn a_wrong_gate_refuses_its_flag() {
    check("{}", "gates is no list");
    check("[1]", "gates holds one without a key");
    check(r#"[{"value":true}]"#, "gates holds one without a key");
    check(r#"[{"key":"boolean","value":"yes"}]"#, "boolean is neither true nor false");
    check(r#"[{"key":"percentage_of_actors","value":101}]"#, "percentage_of_actors is not between 0 and 100");
    check(r#"[{"key":"percentage_of_actors","value":-1}]"#, "percentage_of_actors is not between 0 and 100");
    check(r#"[{"key":"percentage_of_time","value":12.3456}]"#, "percentage_of_time has more than 3 decimals");
    check(r#"[{"key":"percentage_of_time","value":[]}]"#, "percentage_of_time is no number");
    check(r#"[{"key":"actors","value":"User:5"}]"#, "actors is no list");
    check(r#"[{"key":"actors","value":["User:5",6]}]"#, "actors holds something that is no text");
    check(
        r#"[{"key":"actors","value":["me"]}]"#,
        "actors holds an entry that is not of the form Type:id, such as Project:1",
    );
    check(
        r#"[{"key":"actors","value":["User:5:opt_out:opt_out"]}]"#,
        "actors holds an entry that ends in ':opt_out'; use opt_out for that",
    );
    check(r#"[{"key":"expression","value":{"All":[]}}]"#, "expression is a gate that is not known here");
}

#[test]
fn lists_are_taken_up_to_their_limits() {
    let actors = |count: usize| -> String {
        let ids: Vec<String> = (1..=count).map(|id| format!("\"User:{id}\"")).collect();
        format!(r#"[{{"name":"f","gates":[{{"key":"actors","value":[{}]}}]}}]"#, ids.join(","))
    };
    let groups = |count: usize| -> String {
        let names: Vec<String> = (1..=count).map(|name| format!("\"g{name}\"")).collect();
        format!(r#"[{{"name":"f","gates":[{{"key":"groups","value":[{}]}}]}}]"#, names.join(","))
    };
    let taken = |body: String| features(body.as_bytes()).unwrap().0[0].is_ok();
    assert!(taken(actors(ACTORS_MAX)) && !taken(actors(ACTORS_MAX + 1)));
    assert!(taken(groups(GROUPS_MAX)) && !taken(groups(GROUPS_MAX + 1)));
}

#[test]
fn a_wrong_name_is_told_without_taking_the_others_along() {
    let body =
        r#"[{"name":"a","gates":[]},{"name":"no name!","gates":[]},{"gates":[]},{"name":"b","gates":[]}]"#;
    let (found, _) = features(body.as_bytes()).unwrap();
    let told: Vec<String> = found
        .iter()
        .map(|feature| match feature {
            Ok((name, _)) => name.to_string(),
            Err((None, finding)) => format!("{:?}: {}", finding.file, finding.rule),
            Err((Some(name), _)) => panic!("{name}"),
        })
        .collect();
    let rule = "may hold only letters, digits, '_', '-' and ':'";
    assert_eq!(told, ["a", &format!("\"no name!\": {rule}"), "\"\": is missing", "b"]);
}

#[test]
fn what_is_no_list_of_features_is_refused_as_a_whole() {
    for body in
        ["", "<html>sign in</html>", "{", "null", "{\"message\":\"401\"}", "[1]", "[[]]", "\"\"", "[{},3]"]
    {
        assert!(features(body.as_bytes()).is_err(), "{body}");
        assert!(definitions(body.as_bytes()).is_err(), "{body}");
    }
    assert!(features(&[b'['; 100_000]).is_err());
    for body in ["", "[]", "<html>", "{}", r#"{"name":"f"}"#, r#"{"name":"?","gates":[]}"#] {
        assert!(changed(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn definitions_are_taken_with_what_is_known() {
    let check = |given: &str, is: &str| {
        let (good, findings) = definitions(format!("[{given}]").as_bytes()).unwrap();
        let good = good.iter().map(|d| {
            let needs: Vec<&str> = d.depends_on.iter().map(|name| name.as_str()).collect();
            format!("{} {} {} {}", d.name, d.kind.as_str(), d.default_enabled, needs.join(","))
        });
        let told = findings.iter().map(|f| format!("{} {}", f.field.as_deref().unwrap(), f.rule));
        assert_eq!(good.chain(told).collect::<Vec<_>>().join(" | "), is, "{given}");
    };
    check(r#"{"name":"a","type":"ops","default_enabled":true,"depends_on":["b"]}"#, "a ops true b");
    check(r#"{"name":"a","type":"gitlab_com_derisk","milestone":15.7,"group":null}"#, "a derisk false ");
    let taken = "a development false  | type is not known here; taken as development";
    check(r#"{"name":"a","type":"undefined"}"#, taken);
    check(r#"{"name":"a"}"#, taken);
    check(r#"{"name":"a","default_enabled":"on"}"#, "default_enabled is neither true nor false");
    check(r#"{"name":"a","depends_on":"b"}"#, "depends_on is no list");
    check(r#"{"name":"a","depends_on":["?"]}"#, "depends_on holds something that is no flag's name");
    let many: Vec<String> = (0..9).map(|n| format!("\"f{n}\"")).collect();
    check(
        &format!(r#"{{"name":"a","depends_on":[{}]}}"#, many.join(",")),
        "depends_on names more than 8 flags",
    );
}
