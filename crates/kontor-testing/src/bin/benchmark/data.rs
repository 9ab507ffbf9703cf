//! 8,800 deals in files of the shape of the Maven CRM data set: the real ones where they are, invented ones
//! otherwise.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use kontor_testing::repository;

/// How many deals are imported.
pub const DEALS: usize = 8_800;

/// The folder with the four files.
pub fn folder(scratch: &Path) -> PathBuf {
    if let Some(data) = repository::data() {
        return data.join("maven-crm");
    }
    let folder = scratch.join("crm");
    std::fs::create_dir_all(&folder).expect("a folder");
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).expect("a file");
    let products = ["Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta"];
    let mut text = String::from("product,series,sales_price\n");
    for (index, product) in products.iter().enumerate() {
        writeln!(text, "{product},S{},{}", index % 3, 50 + index * 731).expect("text");
    }
    write("products.csv", text);
    let mut text =
        String::from("account,sector,year_established,revenue,employees,office_location,subsidiary_of\n");
    for index in 0..85 {
        writeln!(
            text,
            "Customer {index:02},retail,{},{}.5,{},Germany,",
            1980 + index % 40,
            100 + index,
            10 + index
        )
        .expect("text");
    }
    write("accounts.csv", text);
    let mut text = String::from("sales_agent,manager,regional_office\n");
    for index in 0..35 {
        writeln!(text, "Agent {index:02},Manager {},{}", index % 6, ["West", "East", "Central"][index % 3])
            .expect("text");
    }
    write("sales_teams.csv", text);
    let mut text = String::from(
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n",
    );
    for index in 0..DEALS {
        let stage = ["Won", "Lost", "Engaging", "Won", "Prospecting"][index % 5];
        let account = if index % 6 == 0 { String::new() } else { format!("Customer {:02}", index % 85) };
        let engaged = if stage == "Prospecting" {
            String::new()
        } else {
            format!("2016-{:02}-{:02}", index % 12 + 1, index % 28 + 1)
        };
        let (closed, value) = match stage {
            "Won" => {
                (format!("2017-{:02}-{:02}", index % 12 + 1, index % 28 + 1), (index * 7 % 5000).to_string())
            }
            "Lost" => (format!("2017-{:02}-{:02}", index % 12 + 1, index % 28 + 1), "0".to_owned()),
            _ => (String::new(), String::new()),
        };
        writeln!(
            text,
            "{index:08X},Agent {:02},{},{account},{stage},{engaged},{closed},{value}",
            index % 35,
            products[index % 7]
        )
        .expect("text");
    }
    write("sales_pipeline.csv", text);
    folder
}
