//! In which order resources are made: [`order`].

use super::document::Place;
use super::evaluate::Failure;
use super::resource::Resource;

/// The resources' indices, each behind those that it waits for; as written otherwise.
///
/// # Errors
/// A resource waits for one that the template does not have, or for itself.
pub(crate) fn order(resources: &[Resource<'_>]) -> Result<Vec<usize>, Failure> {
    let mut before = Vec::with_capacity(resources.len());
    for resource in resources {
        let mut waits_for = Vec::new();
        for (named, place) in &resource.waits_for {
            let found: Vec<usize> = (0..resources.len())
                .filter(|at| resources.get(*at).is_some_and(|one| one.is(named)))
                .collect();
            // An id outside of the template is there already, or its own making will fail.
            if found.is_empty() && !named.starts_with("/subscriptions/") {
                let message = format!(
                    "The resource '{named}' is not defined in the template. Please see \
                     https://aka.ms/arm-syntax for usage details."
                );
                return Err(Failure::at(message, *place));
            }
            waits_for.extend(found);
        }
        before.push(waits_for);
    }
    let mut order = Vec::with_capacity(resources.len());
    let mut made = vec![false; resources.len()];
    while order.len() < resources.len() {
        let is_made = |at: &usize| made.get(*at).copied().unwrap_or(true);
        let ready = (0..resources.len())
            .find(|at| !is_made(at) && before.get(*at).is_none_or(|b| b.iter().all(is_made)));
        let Some(ready) = ready else {
            let stuck = (0..resources.len()).find(|at| !is_made(at));
            let stuck = stuck.and_then(|at| resources.get(at));
            let message = format!(
                "Circular dependency detected on resource: '{}'. Please see \
                 https://aka.ms/arm-syntax-resources for usage details.",
                stuck.map_or("", |one| &one.id)
            );
            let place = stuck.map_or_else(Place::default, |one| one.node.place);
            return Err(Failure::at(message, place));
        };
        if let Some(made) = made.get_mut(ready) {
            *made = true;
        }
        order.push(ready);
    }
    Ok(order)
}
