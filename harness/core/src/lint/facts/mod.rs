//! What several rules want to know about an article, found out once.
