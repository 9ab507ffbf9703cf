//! Serving: opens every workspace, starts the job runners, prints the address, and ends in order.

use std::sync::Arc;

use kontor_core::demo;
use kontor_core::identity::set_up;
use kontor_web::{App, Settings, Workspaces};
use tokio::net::TcpListener;

use crate::arguments::Serve;
use crate::config::Config;
use crate::failure::Failure;
use crate::later::{Later, Runners};
use crate::open;

/// Serves until the process is asked to end.
///
/// # Errors
/// A port in use, a folder that cannot be read, data of a newer program: one line that says what to do.
pub async fn serve(config: &Config, arguments: Serve) -> Result<(), Failure> {
    let listen = match &config.listen {
        Some(listen) if arguments.listen == "127.0.0.1:8080" => listen.clone(),
        _ => arguments.listen.clone(),
    };
    let listener = bind(&listen).await?;
    let address = listener.local_addr().map_err(|error| Failure::new(error.to_string()))?;
    if let Some(name) = arguments.demo.as_deref().filter(|name| !demo::exists(name)) {
        return Err(Failure::usage(format!(
            "there is no sample workspace `{name}`; there is: {}",
            demo::names().join(", ")
        )));
    }
    let workspaces = Arc::new(Workspaces::default());
    let mut lines = Vec::new();
    let runners = Arc::new(Runners::default());
    for name in names(config).await? {
        let workspace = open::open_or_make(config, &name).await?;
        if name == config.workspace {
            lines = greet(&workspace, &arguments, &format!("http://{address}")).await?;
        }
        runners.add(kontor_jobs::start(&workspace).await?);
        workspaces.insert(name, workspace);
    }
    workspaces.opened_by(Later::new(config.clone(), &workspaces, &runners));
    let app = App::new(Arc::clone(&workspaces), Settings { trusted_proxies: config.trusted_proxies.clone() })
        .map_err(|error| Failure::new(error.to_string()))?;
    say!("Kontor is ready at http://{address}");
    for line in lines {
        say!("{line}");
    }
    let served = kontor_web::serve(listener, app, asked_to_end()).await;
    for runner in runners.take() {
        runner.stop().await;
    }
    for name in workspaces.names() {
        if let Some(workspace) = workspaces.remove(&name) {
            workspace.store.close().await;
        }
    }
    served.map_err(|error| Failure::new(error.to_string()))
}

async fn bind(listen: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(listen).await.map_err(|error| {
        let advice = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "another program listens there; choose another with --listen ADDRESS:PORT"
            }
            std::io::ErrorKind::PermissionDenied => {
                "ports below 1024 need more rights; choose another with --listen ADDRESS:PORT"
            }
            _ => "give it as --listen ADDRESS:PORT, for example 127.0.0.1:8080",
        };
        Failure::new(format!("cannot listen on {listen} ({error}): {advice}"))
    })
}

/// All workspaces that there are, and the one that is asked for.
async fn names(config: &Config) -> Result<Vec<String>, Failure> {
    let mut names = crate::command::workspaces::names(config).await?;
    if !names.contains(&config.workspace) {
        names.push(config.workspace.clone());
    }
    Ok(names)
}

/// Makes who administers the workspace, fills it where that is asked for, and says how to sign in.
async fn greet(
    workspace: &Arc<kontor_core::Workspace>,
    arguments: &Serve,
    address: &str,
) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    open::administrator_of_environment(workspace).await?;
    if let Some(name) = &arguments.demo {
        lines = fill(workspace, name).await?;
    }
    if set_up::is_pending(workspace).await? {
        let secret = set_up::new_secret(workspace).await?;
        let name = &workspace.name;
        lines.push(format!("  set it up, once, at {address}/w/{name}/setup?secret={secret}"));
    }
    Ok(lines)
}

/// Fills a fresh workspace, or goes on where that was interrupted; gives what is to be said of it.
async fn fill(workspace: &Arc<kontor_core::Workspace>, name: &str) -> Result<Vec<String>, Failure> {
    match demo::begun(workspace).await? {
        Some(begun) if begun != name => {
            return Ok(vec![format!(
                "  the workspace holds a part of the sample {begun}: start with --demo {begun} to complete it"
            )]);
        }
        Some(_) => {}
        None if demo::is_untouched(workspace).await? => {}
        None => {
            return Ok(vec!["  the workspace has data already: --demo fills only a fresh one".to_owned()]);
        }
    }
    let users = demo::load(workspace, name, demo::DemoPeople::SignIn).await.map_err(|error| {
        let own = &workspace.name;
        Failure::from(error).adding(&format!(
            "the sample {name} is not whole: start with --demo {name} again to go on, or begin anew after `kontor workspace delete {own} --confirm {own}`"
        ))
    })?;
    let told = |user: demo::DemoUser| {
        let with = match user.password {
            Some(password) => format!("the password {password}"),
            None => "the password that this person has already".to_owned(),
        };
        format!("  sign in as {} ({}) with {with}", user.email, user.roles.join(", "))
    };
    Ok(users.into_iter().map(told).collect())
}

/// Completes when the process is interrupted or terminated.
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        tokio::signal::ctrl_c().await.ok();
        return;
    };
    tokio::select! {
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
