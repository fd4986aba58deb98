//! The pages of definitions.

use firsthand_web::backend::Role;

use crate::Server;
use crate::pages::Browser;

#[tokio::test]
async fn the_list_says_in_words_how_a_definition_fares() {
    let server = Server::start().await;
    for role in Role::ALL {
        let reply = Browser::of(role).get(&server, "/definitions").await;
        let page = reply.text();
        for words in [
            "1 definition is to be looked at",
            "fewer than usual",
            "0.3 to 0.8 times the 9 before",
            "fell by 16.0 points",
            "31.0% before: 62 of 200",
            "6 of 40 since published; 3 too early",
            "10.0% of 900",
            "over 4 full weeks up to 1 Mar: 0, 3, 6, 9\"",
            "href=\"/leads?track=product\">12</a>",
            "7 newer facts do not count yet",
        ] {
            assert!(page.contains(words), "{role:?}: {words}\n{page}");
        }
    }
}
