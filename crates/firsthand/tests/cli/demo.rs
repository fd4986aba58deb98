//! `firsthand demo --report`: what the README and the documentation show.

use crate::run::Place;

#[test]
fn the_demo_shows_the_two_neighbours() {
    let place = Place::empty();
    let told = place.run("demo postbox --report");
    assert!(told.starts_with("exit status 0"), "{told}");
    for part in ["Product-qualified leads", "acme-bikes", "8,060", "600 more", "median lead"] {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
    let text = place.read("postbox/definitions/outgrowing-free.yaml");
    place.write("earlier.yaml", &text.replace(">= 80%", ">= 70%"));
    let question =
        "replay outgrowing-free --backtest --outcome paid --within 28d --project postbox";
    let told = place.run(&format!("{question} --against earlier.yaml"));
    assert!(told.contains("Leave: only the old finds them") && told.contains("blue-door-yoga"));
    assert!(place.run("check --strict --project postbox").starts_with("exit status 0"));
    assert!(
        place.run("demo postbox --report").starts_with("exit status 2"),
        "nothing is overwritten"
    );
}
