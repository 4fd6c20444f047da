//! Who is at which address, where many share a network: [`Clients`].

use crate::http::Origin;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{PoisonError, RwLock};

/// The workloads of a network by their address. Whoever else is there is the caller.
#[derive(Debug, Default)]
pub struct Clients {
    by_address: RwLock<HashMap<IpAddr, Origin>>,
}

impl Clients {
    /// From now on this is who is at an address.
    pub fn know(&self, address: IpAddr, origin: Origin) {
        let mut known = self
            .by_address
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        known.insert(address, origin);
    }

    /// Nobody in particular is at an address any more.
    pub fn forget(&self, address: IpAddr) {
        let mut known = self
            .by_address
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        known.remove(&address);
    }

    /// Who is at an address.
    pub(crate) fn at(&self, address: IpAddr) -> Origin {
        let known = self
            .by_address
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        known.get(&address).cloned().unwrap_or(Origin::Caller)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WorkloadId;

    #[test]
    fn an_address_that_is_given_to_somebody_else_is_somebody_else() {
        let clients = Clients::default();
        let address = IpAddr::from([169, 254, 7, 1]);
        assert_eq!(clients.at(address), Origin::Caller);
        for name in ["one", "other"] {
            let origin = Origin::Workload(WorkloadId(name.into()));
            clients.know(address, origin.clone());
            assert_eq!(clients.at(address), origin);
        }
        clients.forget(address);
        assert_eq!(clients.at(address), Origin::Caller);
    }
}
