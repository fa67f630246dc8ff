# Fourfold on Google Cloud: a service account with the least that it needs, the three datasets (bigquery.tf), a
# bucket if there is to be one (storage.tf), and Cloud Run jobs that do a round and a full check, started by Cloud Scheduler
# (run.tf). README.md says how to apply it;
# docs/warehouses/bigquery.md says what each role is for.

terraform {
  required_version = ">= 1.5"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.20, < 8.0"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region
}

resource "google_project_service" "needed" {
  for_each = toset([
    "bigquery.googleapis.com", "bigquerystorage.googleapis.com", "cloudscheduler.googleapis.com", "iam.googleapis.com",
    "run.googleapis.com", "secretmanager.googleapis.com", "storage.googleapis.com",
  ])

  service            = each.value
  disable_on_destroy = false
}

# As whom rounds run.
resource "google_service_account" "fourfold" {
  account_id   = "fourfold"
  display_name = "Fourfold"

  depends_on = [google_project_service.needed]
}

locals {
  # To run jobs, and to read long answers by the Storage Read API; neither gives access to data. roles/bigquery.user is both,
  # and may make datasets, which become its own: `fourfold build --as-of` makes one for each instant.
  project_roles = var.create_datasets ? ["roles/bigquery.user"] : ["roles/bigquery.jobUser", "roles/bigquery.readSessionUser"]
}

resource "google_project_iam_member" "fourfold" {
  for_each = toset(local.project_roles)

  project = var.project
  role    = each.value
  member  = google_service_account.fourfold.member
}
