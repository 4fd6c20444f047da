//! Who sees what of the article: [`Sees`] gives each kind of reader a class.

use crate::markdown::{TabPlace, View, Visibility};

/// The visibilities that came up; the class of each is `s` and its number.
#[derive(Default)]
pub(super) struct Sees(Vec<Visibility>);

impl Sees {
    /// The class for what only some readers see; nothing for what everybody sees.
    pub(super) fn class(&mut self, visibility: &Visibility) -> String {
        if *visibility == Visibility::default() {
            return String::new();
        }
        let known = self.0.iter().position(|known| known == visibility);
        let number = known.unwrap_or_else(|| {
            self.0.push(visibility.clone());
            self.0.len() - 1
        });
        format!("s{number}")
    }

    /// The classes that a reader does not see.
    pub(super) fn hidden(&self, view: &View) -> Vec<String> {
        let all = self.0.iter().enumerate();
        let hidden = all.filter(|(_, visibility)| !view.sees(visibility));
        hidden.map(|(number, _)| format!(".s{number}")).collect()
    }
}

/// The class of a tab's title.
pub(super) fn tab_class(place: TabPlace) -> String {
    format!("t{}-{}", place.group, place.tab)
}
