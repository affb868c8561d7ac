use wigwag_access::User;
use wigwag_engine::Settings;
use wigwag_ports::deployments::Deployment;
use wigwag_wire::{Time, deployments};

/// A deployment.
pub(crate) fn deployment(one: &Deployment) -> deployments::Deployment {
    let reported = &one.reported;
    deployments::Deployment {
        id: one.id,
        environment: reported.environment.clone(),
        sha: reported.sha.clone(),
        reference: reported.reference.clone(),
        tag: reported.is_tag,
        status: reported.status.as_str(),
        created_at: Time(reported.at),
        updated_at: Time(one.updated_at),
        by: reported.author.clone(),
    }
}

/// The same in GitLab's shape; `author` is who reported it.
pub(crate) fn gitlab_deployment(
    one: &Deployment,
    author: Option<&User>,
    settings: &Settings,
) -> deployments::GitlabDeployment {
    let reported = &one.reported;
    let mut environments = settings.environments.iter();
    let place = environments.position(|known| known.name == reported.environment);
    deployments::GitlabDeployment {
        id: one.id,
        iid: one.id,
        reference: reported.reference.clone(),
        sha: reported.sha.clone(),
        created_at: Time(reported.at),
        updated_at: Time(one.updated_at),
        status: reported.status.as_str(),
        user: author.map(|user| super::user(user, settings, false)),
        environment: deployments::GitlabEnvironment {
            id: place.map_or(0, |place| place + 1),
            name: reported.environment.clone(),
            external_url: None,
        },
        deployable: None,
    }
}
