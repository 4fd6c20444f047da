//! Leaves nothing behind: what a run made is known by its label.

use super::engine::{LOCK, MACHINE, PLACE, RUN, machine, place};
use bollard::Docker;
use bollard::query_parameters::{
    EventsOptionsBuilder, ListContainersOptionsBuilder, ListImagesOptionsBuilder,
    ListNetworksOptionsBuilder, ListVolumesOptionsBuilder, RemoveContainerOptionsBuilder,
    RemoveImageOptionsBuilder, RemoveVolumeOptions, WaitContainerOptionsBuilder,
};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use nix::fcntl::{Flock, FlockArg};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// How long the end of a run may take. What is not removed by then is removed on the next start.
const LIMIT: Duration = Duration::from_secs(20);
/// How long an engine gets to say that it is there.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a network may be in use after its last container is gone.
const RELEASE: Duration = Duration::from_secs(5);

type Labels = HashMap<String, String>;

fn filter(label: String) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![label])])
}

/// Removes everything that a run made. What an engine that is gone still has is removed on the next
/// start.
pub(super) async fn remove(docker: &Docker, run: &str) {
    if tokio::time::timeout(ANSWER, docker.ping()).await.is_err() {
        return;
    }
    let _ = tokio::time::timeout(LIMIT, remove_all(docker, run)).await;
}

/// Each kind after those that use it.
async fn remove_all(docker: &Docker, run: &str) {
    let ours = filter(format!("{RUN}={run}"));
    let removed = containers(docker, &ours)
        .await
        .into_iter()
        .map(|(id, _)| async move { remove_container(docker, &id).await });
    join_all(removed).await;
    for (id, _) in networks(docker, &ours).await {
        remove_network(docker, &id).await;
    }
    for (name, _) in volumes(docker, &ours).await {
        let _ = docker
            .remove_volume(&name, None::<RemoveVolumeOptions>)
            .await;
    }
    let force = RemoveImageOptionsBuilder::new().force(true).build();
    for (id, _) in images(docker, &ours).await {
        let _ = docker.remove_image(&id, Some(force.clone()), None).await;
    }
}

async fn remove_container(docker: &Docker, id: &str) {
    let force = RemoveContainerOptionsBuilder::new()
        .force(true)
        .v(true)
        .build();
    if docker.remove_container(id, Some(force)).await.is_err() {
        // Somebody else removes it already; one that is gone by now is refused at once.
        let options = WaitContainerOptionsBuilder::new()
            .condition("removed")
            .build();
        let _ = docker.wait_container(id, Some(options)).next().await;
    }
}

/// A network may be in use for a moment longer than its last container is there: Docker tells when it
/// is not any more.
async fn remove_network(docker: &Docker, id: &str) {
    if docker.remove_network(id).await.is_ok() {
        return;
    }
    let filters = HashMap::from([
        ("type", vec!["network"]),
        ("event", vec!["disconnect"]),
        ("network", vec![id]),
    ]);
    // From the beginning, so that none is missed between the two; each is another try.
    let options = EventsOptionsBuilder::new()
        .since("1")
        .filters(&filters)
        .build();
    let released = async {
        let mut events = std::pin::pin!(docker.events(Some(options)));
        while let Some(Ok(_)) = events.next().await {
            if docker.remove_network(id).await.is_ok() {
                return;
            }
        }
    };
    // What is still in use then is removed on the next start.
    let _ = tokio::time::timeout(RELEASE, released).await;
}

/// Removes what runs made that were killed: whose lock nobody holds.
pub(super) async fn sweep(docker: &Docker) {
    let all = filter(RUN.to_owned());
    let mut found = containers(docker, &all).await;
    found.extend(networks(docker, &all).await);
    found.extend(volumes(docker, &all).await);
    found.extend(images(docker, &all).await);
    let here = machine();
    let dead: BTreeSet<String> = found
        .into_iter()
        .map(|(_, labels)| labels)
        .filter(|labels| labels.get(MACHINE) == Some(&here))
        .filter(|labels| labels.get(LOCK).is_none_or(|lock| is_over(lock, labels)))
        .filter_map(|labels| labels.get(RUN).cloned())
        .collect();
    for run in dead {
        remove(docker, &run).await;
    }
}

/// Whether nobody holds a run's lock. Of one that cannot be seen from here, nobody knows.
fn is_over(lock: &str, labels: &Labels) -> bool {
    let lock = Path::new(lock);
    if place(lock).as_ref() != labels.get(PLACE) {
        return false;
    }
    match File::open(lock) {
        Ok(file) => Flock::lock(file, FlockArg::LockExclusiveNonblock).is_ok(),
        // Somebody else's, perhaps: a file that is there and cannot be opened tells nothing.
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

async fn containers(
    docker: &Docker,
    filters: &HashMap<String, Vec<String>>,
) -> Vec<(String, Labels)> {
    let options = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(filters)
        .build();
    let all = docker.list_containers(Some(options)).await;
    let all = all.unwrap_or_default().into_iter();
    all.filter_map(|one| Some((one.id?, one.labels.unwrap_or_default())))
        .collect()
}

async fn networks(
    docker: &Docker,
    filters: &HashMap<String, Vec<String>>,
) -> Vec<(String, Labels)> {
    let options = ListNetworksOptionsBuilder::new().filters(filters).build();
    let all = docker.list_networks(Some(options)).await;
    let all = all.unwrap_or_default().into_iter();
    all.filter_map(|one| Some((one.id?, one.labels.unwrap_or_default())))
        .collect()
}

async fn volumes(docker: &Docker, filters: &HashMap<String, Vec<String>>) -> Vec<(String, Labels)> {
    let options = ListVolumesOptionsBuilder::new().filters(filters).build();
    let all = docker.list_volumes(Some(options)).await;
    let all = all.unwrap_or_default().volumes.unwrap_or_default();
    all.into_iter().map(|one| (one.name, one.labels)).collect()
}

async fn images(docker: &Docker, filters: &HashMap<String, Vec<String>>) -> Vec<(String, Labels)> {
    let options = ListImagesOptionsBuilder::new()
        .all(false)
        .filters(filters)
        .build();
    let all = docker.list_images(Some(options)).await;
    let all = all.unwrap_or_default().into_iter();
    all.map(|one| (one.id, one.labels)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_over_only_if_its_lock_would_be_seen() {
        let temporary = tempfile::tempdir().unwrap();
        let lock = temporary.path().join("docproof-run-x/lock");
        let text = lock.to_str().unwrap();
        let labels = |place: Option<String>| {
            place
                .map(|place| (PLACE.to_owned(), place))
                .into_iter()
                .collect::<Labels>()
        };
        let own = labels(place(&lock));
        assert!(is_over(text, &own));
        // The same path, in somebody else's private folder.
        assert!(!is_over(text, &labels(Some("1:2".to_owned()))));
        assert!(!is_over("/gone/docproof-run-x/lock", &own));
        std::fs::create_dir(lock.parent().unwrap()).unwrap();
        let file = File::create(&lock).unwrap();
        let held = Flock::lock(file, FlockArg::LockExclusiveNonblock).unwrap();
        assert!(!is_over(text, &own));
        drop(held);
        assert!(is_over(text, &own));
    }
}
