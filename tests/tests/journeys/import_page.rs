//! The import in the browser: upload, match columns, look at the result, import, undo.

use kontor_testing::{Engine, Page, on_both_databases};
use serde_json::json;

use crate::world::World;

on_both_databases!(a_file_is_imported_in_the_browser,);

const FILE: &str = "Visit,Persons,Where,Result,Junk\n\
    Roof,3,Depot,fine,x\n\
    Wall,many,Depot,fine,x\n\
    Cellar,5,Nowhere,fine,x\n\
    工地,7,Depot,awful,x\n";

/// The name of the select that says where a column of the file goes.
fn goes_to(page: &Page, column: &str) -> String {
    page.form_with("match").name_of(&format!("Field for column {column}"))
}

async fn a_file_is_imported_in_the_browser(engine: Engine) {
    let world = World::start(engine).await;
    world.building("Depot").await;
    let visitor = world.server.administrator().await;
    let upload = visitor.open("import").await;
    let form = upload.form_with("file");
    let nothing =
        visitor.submit(&form.clone().set("entity", "site_visit").attach("file", "empty.csv", b"")).await;
    assert_eq!(nothing.status, 422, "{nothing}");
    let page = visitor
        .send(&form.set("entity", "site_visit").attach("file", "visits.csv", FILE.as_bytes()))
        .await
        .is(200);
    let mut form = page.form_with("match");
    for (column, field) in
        [("Visit", "name"), ("Persons", "people"), ("Where", "site"), ("Result", "outcome"), ("Junk", "-")]
    {
        form = form.set(&goes_to(&page, column), field);
    }
    let values = format!("{}.values", goes_to(&page, "Result"));
    let dry =
        visitor.send(&form.clone().set(&values, "fine = good").press("Try without saving")).await.is(200);
    let text = dry.text();
    for words in ["many", "Nowhere", "awful"] {
        assert!(text.contains(words), "{words} is reported with its row\n{dry}");
    }
    assert_eq!(world.admin.count("site_visit", &[]).await, 0, "nothing is saved yet");

    // The mapping is mended, and the rest is imported.
    let map = visitor.visit(&dry.link("Change the matching")).await.is(200);
    let persons = format!("{}.values", goes_to(&map, "Persons"));
    let form = map.form_with("match").set(&values, "fine = good\nawful = bad").set(&persons, "many = 30");
    let dry = visitor.send(&form.press("Try without saving")).await.is(200);
    assert!(dry.text().contains("Nowhere") && !dry.text().contains("awful"), "{dry}");
    let run = visitor.send(&dry.form_to("/run")).await.is(200);
    let done = kontor_testing::eventually("the import is done", || async {
        let page = visitor.visit(&run.path).await.is(200);
        page.find_form_to("/undo").map(|form| (form, page))
    })
    .await;
    assert_eq!(world.admin.count("site_visit", &[]).await, 3, "{}", done.1);
    assert_eq!(world.admin.count("site_visit", &[("outcome", "bad"), ("name", "工地")]).await, 1);
    assert_eq!(world.admin.count("site_visit", &[("people", "30"), ("site.name", "Depot")]).await, 1);
    // The refused rows can be had with their own cells, to be mended and brought in again.
    let file = done.1.first("a[href$='errors.csv']");
    let file = visitor.visit(file.attribute("href")).await.is(200).body;
    let lines: Vec<&str> = file.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "line,problem,Visit,Persons,Where,Result,Junk", "{file}");
    assert!(lines[1].starts_with("4,") && lines[1].ends_with(",Cellar,5,Nowhere,fine,x"), "{file}");
    // Back to the matching and once more: it ran, and does not run again.
    let back =
        visitor.send(&map.form_with("match").set(&values, "fine = good").press("Try without saving")).await;
    assert!(back.find_form_to("/run").is_none(), "{back}");
    visitor.send(&dry.form_to("/run")).await.is(200);
    assert_eq!(world.admin.count("site_visit", &[]).await, 3, "{back}");
    visitor.send(&done.0).await.is(200);
    kontor_testing::eventually("the import is undone", || async {
        (world.admin.count("site_visit", &[]).await == 0).then_some(())
    })
    .await;

    // Who may not import has no way to it.
    let other = world.server.signed_in(&world.inspector).await;
    assert!(matches!(other.look("/w/main/import").await.status, 403 | 404));
    world.own.post("records/site_visit", &json!({ "name": "By hand" })).await.is(201);
}
