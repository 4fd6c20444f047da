//! Leaves nothing behind: what a run made is known by its label.

use super::engine::{LOCK, MACHINE, RUN, machine};
use bollard::Docker;
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder,
    RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder,
};
use futures_util::future::join_all;
use nix::fcntl::{Flock, FlockArg};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::time::Duration;

/// How often what is refused is tried again: a network may be in use for a moment longer than its last
/// container is there.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

type Labels = HashMap<String, String>;

fn filter(label: String) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![label])])
}

/// Removes everything that a run made. What an engine that is gone still has is removed on the next
/// start.
pub(super) async fn remove(docker: &Docker, run: &str) {
    let ours = filter(format!("{RUN}={run}"));
    for _ in 0..TRIES {
        let left = remove_once(docker, &ours).await;
        if left == 0 {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// How much could not be removed.
async fn remove_once(docker: &Docker, ours: &HashMap<String, Vec<String>>) -> usize {
    let force = RemoveContainerOptionsBuilder::new()
        .force(true)
        .v(true)
        .build();
    let force = &force;
    let removed = containers(docker, ours)
        .await
        .into_iter()
        .map(|(id, _)| async move {
            docker
                .remove_container(&id, Some(force.clone()))
                .await
                .is_err()
        });
    let removed = join_all(removed).await;
    let mut left = removed.into_iter().filter(|failed| *failed).count();
    for (id, _) in networks(docker, ours).await {
        left += usize::from(docker.remove_network(&id).await.is_err());
    }
    let force = RemoveImageOptionsBuilder::new().force(true).build();
    for (id, _) in images(docker, ours).await {
        let removed = docker.remove_image(&id, Some(force.clone()), None).await;
        left += usize::from(removed.is_err());
    }
    left
}

/// Removes what runs made that were killed: whose lock nobody holds.
pub(super) async fn sweep(docker: &Docker) {
    let all = filter(RUN.to_owned());
    let mut found = containers(docker, &all).await;
    found.extend(networks(docker, &all).await);
    found.extend(images(docker, &all).await);
    let here = machine();
    let dead: BTreeSet<String> = found
        .into_iter()
        .map(|(_, labels)| labels)
        .filter(|labels| labels.get(MACHINE) == Some(&here))
        .filter(|labels| labels.get(LOCK).is_none_or(|lock| !is_held(lock)))
        .filter_map(|labels| labels.get(RUN).cloned())
        .collect();
    for run in dead {
        remove(docker, &run).await;
    }
}

/// Whether somebody holds a lock.
fn is_held(lock: &str) -> bool {
    match File::open(lock) {
        Ok(file) => Flock::lock(file, FlockArg::LockExclusiveNonblock).is_err(),
        // Somebody else's, perhaps: a file that is there and cannot be opened tells nothing.
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
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

async fn images(docker: &Docker, filters: &HashMap<String, Vec<String>>) -> Vec<(String, Labels)> {
    let options = ListImagesOptionsBuilder::new()
        .all(false)
        .filters(filters)
        .build();
    let all = docker.list_images(Some(options)).await;
    let all = all.unwrap_or_default().into_iter();
    all.map(|one| (one.id, one.labels)).collect()
}
