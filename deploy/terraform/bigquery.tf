# The datasets. Fourfold would make those that are missing; made here, it need not be allowed to make any.

resource "google_bigquery_dataset" "fourfold" {
  for_each = {
    raw   = "Ledgers: every version of every object that was read, and how each stream went"
    build = "What a build is made of: the commit graph, every model of dbt, and the marts of the last builds. Written by the program alone."
    marts = "What people and dashboards read: a view of each mart of the published build"
  }

  dataset_id  = "${var.dataset}_${each.key}"
  location    = var.location
  description = each.value
  labels      = var.labels

  # A dataset that has tables is never destroyed from here: no source has the history of the ledgers.
  delete_contents_on_destroy = false

  lifecycle {
    # The program writes both. Behind a description it keeps who is building and what is published; among who has access to
    # the builds it puts the views. Put back from here, readers would lose their numbers until the next build.
    ignore_changes = [description, access]
  }

  depends_on = [google_project_service.needed]
}

# Who may do what with them is given entry by entry: google_bigquery_dataset_iam_* would take away the entry that lets views
# read. OWNER, WRITER and READER are roles/bigquery.dataOwner, dataEditor and dataViewer, as the API gives them back.

# Owner of builds and marts and not only editor, since the descriptions of these two datasets are changed, which an editor may
# not (bigquery.datasets.update).
resource "google_bigquery_dataset_access" "fourfold" {
  for_each = { raw = "WRITER", build = "OWNER", marts = "OWNER" }

  dataset_id    = google_bigquery_dataset.fourfold[each.key].dataset_id
  role          = each.value
  user_by_email = google_service_account.fourfold.email
}

# The views of marts read the builds, so that who reads the views needs no right there.
resource "google_bigquery_dataset_access" "views" {
  dataset_id = google_bigquery_dataset.fourfold["build"].dataset_id

  dataset {
    dataset {
      project_id = var.project
      dataset_id = google_bigquery_dataset.fourfold["marts"].dataset_id
    }
    target_types = ["VIEWS"]
  }
}

# Who reads the marts: people, groups, the service account of Looker or Redash. Their queries are jobs of this project.

locals {
  readers = { for r in var.readers : r => { kind = split(":", r)[0], name = split(":", r)[1] } }
}

resource "google_bigquery_dataset_access" "reader" {
  for_each = local.readers

  dataset_id     = google_bigquery_dataset.fourfold["marts"].dataset_id
  role           = "READER"
  user_by_email  = contains(["user", "serviceAccount"], each.value.kind) ? each.value.name : null
  group_by_email = each.value.kind == "group" ? each.value.name : null
  domain         = each.value.kind == "domain" ? each.value.name : null
}

resource "google_project_iam_member" "reader" {
  for_each = local.readers

  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = each.key
}
