//! An option wins over the environment, the environment over the file, the file over the default. Who won is told by
//! whose wrong value is refused.

use crate::world::{Ended, Server, World};

#[tokio::test]
async fn option_over_environment_over_file() {
    let world = World::new();
    for (option, variable, key) in [
        ("--listen", "WIGWAG_LISTEN", "listen"),
        ("--external-url", "WIGWAG_EXTERNAL_URL", "external_url"),
        ("--environment", "WIGWAG_ENVIRONMENT", "environment"),
        ("--allow-network", "WIGWAG_ALLOW_NETWORK", "allow_network"),
        ("--name-server", "WIGWAG_NAME_SERVER", "name_server"),
        ("--embed-origin", "WIGWAG_EMBED_ORIGIN", "embed_origin"),
        ("--namespace-rate-per-minute", "WIGWAG_NAMESPACE_RATE_PER_MINUTE", "namespace_rate_per_minute"),
    ] {
        world.write("wigwag.toml", format!("{key} = \"of-file\""));
        let file = world.wigwag(&["serve"]);
        let mut environment = world.wigwag(&["serve"]);
        environment.env(variable, "of-environment");
        let mut both = world.wigwag(&["serve", option, "of-option"]);
        both.env(variable, "of-environment");
        for (command, wins) in [(file, "of-file"), (environment, "of-environment"), (both, "of-option")] {
            let ended = Ended::of(command).await;
            ended.refused(2, &[&format!("{key}: "), wins]);
            assert_eq!(ended.stderr.matches("of-").count(), 1, "{}", ended.stderr);
        }
    }
}

#[tokio::test]
async fn the_data_folder_too_and_the_file_may_lie_elsewhere() {
    let world = World::new();
    world.write("other.toml", "data = \"of-file\"\nlisten = \"127.0.0.1:0\"");
    for (words, variable, made) in [
        (["serve", "--config", "other.toml"].as_slice(), None, "of-file"),
        (&["serve", "--config", "other.toml"], Some("of-environment"), "of-environment"),
        (&["serve", "--config", "other.toml", "--data", "of-option"], Some("of-environment-2"), "of-option"),
    ] {
        let mut command = world.wigwag(words);
        command.envs(variable.map(|data| ("WIGWAG_DATA", data)));
        Server::start(command).await.stop().await;
        assert!(world.path(made).join("wigwag.sqlite").exists());
    }
    assert!(!world.path("of-environment-2").exists());
    assert!(!world.path("wigwag-data").exists());
}
