//! The answers of PUT and GET: no rows, but where the client sends and fetches files, and how.
//!
//! Two forms serve all drivers (`wire-protocol.md` 9.4): a token for the universal core and new Node, a signed URL per file
//! for the others. Those send their PUT again for each file with its final name in the place of the path, and use the URL
//! of that answer.

use axum::response::Response;
use serde_json::{Value, json};

use super::messages::{failure, parameters, success};
use crate::error::Result;
use crate::query::Finished;
use crate::server::App;
use crate::server::origin::Origin;
use crate::server::staged::{self, BUCKET, Mode};
use crate::session::{Client, Family, QueryId};
use crate::stage::{StagedFile, join};
use crate::statement::{Direction, SourceCompression, StatementKind, Transfer};

/// From this size on drivers send a file in parts, in bytes.
const THRESHOLD: u64 = 200 << 20;

/// What a client is told of a transfer.
pub(super) fn answer(
    app: &App,
    client: &Client,
    origin: &Origin,
    (query, finished): (QueryId, &Finished),
    transfer: &Transfer,
) -> Response {
    let specific = match &transfer.direction {
        Direction::Upload { folder, .. } => upload(app, client, origin, transfer, folder),
        Direction::Download { files } => Ok(download(app, client, origin, transfer, files)),
    };
    let mut data = match specific {
        Ok(data) => data,
        Err(error) => return failure(&error, Some(query)),
    };
    let common = json!({
        "parallel": transfer.parallel,
        "threshold": THRESHOLD,
        "clientShowEncryptionParameter": false,
        "queryId": query.to_string(),
        "sqlState": null,
        "kind": null,
        "operation": "Node",
        "rowtype": [],
        "rowset": [],
        "total": 0,
        "returned": 0,
        "version": 1,
        "finalDatabaseName": finished.scope.database,
        "finalSchemaName": finished.scope.schema,
        "finalWarehouseName": finished.scope.warehouse,
        "finalRoleName": finished.scope.role,
        "parameters": parameters(&finished.parameters),
    });
    if let (Value::Object(data), Value::Object(common)) = (&mut data, common) {
        data.extend(common);
    }
    success(data)
}

fn upload(
    app: &App,
    client: &Client,
    origin: &Origin,
    transfer: &Transfer,
    folder: &str,
) -> Result<Value> {
    let Direction::Upload {
        auto_compress,
        overwrite,
        source_compression,
        ..
    } = &transfer.direction
    else {
        return Ok(Value::Null);
    };
    let folder = match folder.trim_end_matches('/') {
        "" => String::new(),
        folder => format!("{folder}/"),
    };
    let mut stage_info = stage_info(&format!("{}/{folder}", transfer.stage));
    if takes_token(client) {
        let token = staged::token(&app.signer, true, &transfer.stage, &folder);
        give_token(&mut stage_info, origin, &token);
    } else {
        let (mode, name) = target(client, &transfer.local, *overwrite);
        let path = join(&folder, name)?;
        let url = staged::url(&app.signer, origin, mode, &transfer.stage, &path);
        stage_info["presignedUrl"] = json!(url);
    }
    Ok(json!({
        "command": "UPLOAD",
        "statementTypeId": StatementKind::Put.type_id(),
        "src_locations": [transfer.local],
        "autoCompress": auto_compress,
        "overwrite": overwrite,
        "sourceCompression": compression_name(*source_compression, client),
        "uploadInfo": stage_info,
        "stageInfo": stage_info,
        "encryptionMaterial": null,
    }))
}

fn download(
    app: &App,
    client: &Client,
    origin: &Origin,
    transfer: &Transfer,
    files: &[std::sync::Arc<StagedFile>],
) -> Value {
    let mut stage_info = stage_info("");
    let mut urls = Vec::new();
    if takes_token(client) {
        let token = staged::token(&app.signer, false, &transfer.stage, "");
        give_token(&mut stage_info, origin, &token);
    } else {
        let url = |file: &StagedFile| {
            staged::url(&app.signer, origin, Mode::Read, &transfer.stage, &file.path)
        };
        urls.extend(files.iter().map(|file| url(file)));
    }
    // Drivers take the first segment for the stage's own folder, and show what follows it.
    let path = |file: &StagedFile| format!("{}/{}", transfer.stage, file.path);
    let paths: Vec<_> = files.iter().map(|file| path(file)).collect();
    json!({
        "command": "DOWNLOAD",
        "statementTypeId": StatementKind::Get.type_id(),
        "localLocation": transfer.local,
        "src_locations": paths,
        "presignedUrls": urls,
        "stageInfo": stage_info,
        "encryptionMaterial": [],
        "autoCompress": false,
        "overwrite": false,
        "sourceCompression": "none",
    })
}

/// With every key that some driver needs to find, whatever the form. `path` is what stands before the files' names.
fn stage_info(path: &str) -> Value {
    json!({
        "locationType": "GCS",
        "location": format!("{BUCKET}/{path}"),
        "path": path,
        "region": "us-central1",
        "storageAccount": null,
        "isClientSideEncrypted": false,
        "creds": {},
        "presignedUrl": null,
        "endPoint": null,
        "useS3RegionalUrl": false,
        "useRegionalUrl": false,
        "useVirtualUrl": false,
        "volumeHash": null,
    })
}

fn give_token(stage_info: &mut Value, Origin(origin): &Origin, token: &str) {
    stage_info["creds"] = json!({ "GCS_ACCESS_TOKEN": token });
    stage_info["endPoint"] = json!(origin);
}

/// Whether the driver sends files with a token; the others need a signed URL for each.
fn takes_token(client: &Client) -> bool {
    let new_node = client.family() == Family::Node && {
        let mut parts = client.version.split('.').map(|part| part.parse::<u32>());
        let mut next = || parts.next().and_then(Result::ok).unwrap_or(0);
        (next(), next()) >= (3, 1)
    };
    client.universal_core || new_node
}

/// What the signed URL of a PUT is for, and the name of its file. The first command has a path with wildcards perhaps, the
/// later ones the name of a file.
fn target<'p>(client: &Client, local: &'p str, overwrite: bool) -> (Mode, &'p str) {
    let mode = if overwrite { Mode::Write } else { Mode::Create };
    let name = local.rsplit(['/', '\\']).next().unwrap_or(local);
    // A name alone is that of a file, whatever characters it has.
    if name == local && !name.is_empty() && client.family() != Family::Go {
        return (mode, name);
    }
    match name.rfind(['*', '?', ']']) {
        // Go puts the file's name behind what it leaves of the path.
        Some(last) if client.family() == Family::Go && last + 1 < name.len() => {
            (mode, &name[last + 1..])
        }
        // Python 4 sends all files to the first URL when it is not the user who said PUT. Others do not use it.
        Some(_) => (Mode::Collect, "file"),
        None if name.is_empty() => (mode, "file"),
        None => (mode, name),
    }
}

/// As the driver names it: the core and Python 4 have two names for two of them.
fn compression_name(compression: SourceCompression, client: &Client) -> &'static str {
    let old_python = client.family() == Family::Python && !client.universal_core;
    match compression {
        SourceCompression::AutoDetect => "auto_detect",
        SourceCompression::Gzip => "gzip",
        SourceCompression::Bz2 if old_python => "bz2",
        SourceCompression::Bz2 => "bzip2",
        SourceCompression::Brotli if old_python => "br",
        SourceCompression::Brotli => "brotli",
        SourceCompression::Zstd => "zstd",
        SourceCompression::Deflate => "deflate",
        SourceCompression::RawDeflate => "raw_deflate",
        SourceCompression::None => "none",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(application: &str, version: &str) -> Client {
        Client {
            application: application.to_owned(),
            version: version.to_owned(),
            universal_core: false,
        }
    }

    #[test]
    fn the_core_and_new_node_take_tokens() {
        assert!(takes_token(&client("JavaScript", "3.1.0")));
        assert!(takes_token(&client("JavaScript", "10.0")));
        assert!(!takes_token(&client("JavaScript", "2.9.3")));
        assert!(!takes_token(&client("PythonConnector", "4.8.1")));
        let core = Client {
            universal_core: true,
            ..client("PythonConnector", "5.2.0")
        };
        assert!(takes_token(&core));
    }

    #[test]
    fn a_signed_url_is_for_the_name_in_the_command() {
        let python = client("PythonConnector", "4.8.1");
        let go = client("Go", "1.1");
        assert_eq!(
            target(&python, "data1.csv.gz", true),
            (Mode::Write, "data1.csv.gz")
        );
        assert_eq!(
            target(&python, "/tmp/d/a b.csv", false),
            (Mode::Create, "a b.csv")
        );
        assert_eq!(
            target(&python, "C:\\d\\a.csv", false),
            (Mode::Create, "a.csv")
        );
        assert_eq!(target(&python, "a?.csv", true), (Mode::Write, "a?.csv"));
        assert_eq!(target(&python, "/tmp/d/*", true), (Mode::Collect, "file"));
        assert_eq!(
            target(&go, "/tmp/d/data*data1.csv.gz", false),
            (Mode::Create, "data1.csv.gz")
        );
        assert_eq!(target(&go, "/tmp/d/*", false), (Mode::Collect, "file"));
        assert_eq!(target(&python, "", false), (Mode::Create, "file"));
    }
}
