# Fourfold on Google Cloud: a service account with the least that it needs, the three datasets, a Cloud Run job that does one
# round, and a Cloud Scheduler job that starts it. docs/warehouses/bigquery.md says what each role is for.

terraform {
  required_version = ">= 1.5"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region
}

resource "google_project_service" "needed" {
  for_each = toset(["bigquery.googleapis.com", "bigquerystorage.googleapis.com", "run.googleapis.com", "cloudscheduler.googleapis.com", "secretmanager.googleapis.com"])

  service            = each.value
  disable_on_destroy = false
}

# As whom rounds run.

resource "google_service_account" "fourfold" {
  account_id   = "fourfold"
  display_name = "Fourfold"
}

# To run jobs, and to read tables by the Storage Read API. Both are of the project; neither gives access to data.
resource "google_project_iam_member" "fourfold" {
  for_each = toset(["roles/bigquery.jobUser", "roles/bigquery.readSessionUser"])

  project = var.project
  role    = each.value
  member  = google_service_account.fourfold.member
}

# The datasets. Fourfold makes those that are missing, for which it would need roles/bigquery.user on the project: made here,
# it needs no more than to edit these.

resource "google_bigquery_dataset" "fourfold" {
  for_each = {
    raw   = "Ledgers: every version of every object that was read, and how each stream went"
    build = "What builds are made of, and the tables of the last builds"
    marts = "The marts of the published build, as views: what dashboards and people read"
  }

  dataset_id  = "${var.dataset}_${each.key}"
  location    = var.location
  description = each.value
  labels      = var.labels
}

# Owner, and not only editor, of what is published: views of the marts are authorised to read the build's tables, so that
# readers need no rights on those.
resource "google_bigquery_dataset_iam_member" "editor" {
  for_each = { raw = "roles/bigquery.dataEditor", build = "roles/bigquery.dataOwner", marts = "roles/bigquery.dataEditor" }

  dataset_id = google_bigquery_dataset.fourfold[each.key].dataset_id
  role       = each.value
  member     = google_service_account.fourfold.member
}

# Who reads the marts: people, groups, Looker's or Redash's service account.
resource "google_bigquery_dataset_iam_member" "reader" {
  for_each = toset(var.readers)

  dataset_id = google_bigquery_dataset.fourfold["marts"].dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = each.value
}

# Keys of the sources.

resource "google_secret_manager_secret" "key" {
  for_each = var.secrets

  secret_id = each.value
  replication {
    auto {}
  }
  depends_on = [google_project_service.needed]
}

resource "google_secret_manager_secret_iam_member" "key" {
  for_each = google_secret_manager_secret.key

  secret_id = each.value.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.fourfold.member
}

resource "google_secret_manager_secret_iam_member" "config" {
  secret_id = var.config_secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.fourfold.member
}

# What the data directory holds (the status, the key that people are hashed with, mirrors of repositories) outlives a round in
# a bucket. Git is slow there: with large repositories set sources.github.commits to api, or mount a Filestore share.
resource "google_storage_bucket" "data" {
  name                        = "${var.project}-${var.dataset}-data"
  location                    = var.location
  uniform_bucket_level_access = true
  labels                      = var.labels
}

resource "google_storage_bucket_iam_member" "data" {
  bucket = google_storage_bucket.data.name
  role   = "roles/storage.objectUser"
  member = google_service_account.fourfold.member
}

# One round.

resource "google_cloud_run_v2_job" "round" {
  name     = "fourfold"
  location = var.region
  labels   = var.labels

  template {
    task_count = 1
    template {
      service_account = google_service_account.fourfold.email
      timeout         = "3600s"
      # A round that failed is done again by the schedule, from where it stopped.
      max_retries = 0

      containers {
        image = var.image
        args  = ["run", "--config", "/config/fourfold.yaml"]

        resources {
          limits = { cpu = "2", memory = "2Gi" }
        }

        dynamic "env" {
          for_each = var.secrets
          content {
            name = env.key
            value_source {
              secret_key_ref {
                secret  = google_secret_manager_secret.key[env.key].secret_id
                version = "latest"
              }
            }
          }
        }

        volume_mounts {
          name       = "config"
          mount_path = "/config"
        }
        volume_mounts {
          name       = "data"
          mount_path = "/data"
        }
      }

      volumes {
        name = "config"
        secret {
          secret = var.config_secret
          items {
            version = "latest"
            path    = "fourfold.yaml"
          }
        }
      }
      volumes {
        name = "data"
        gcs {
          bucket = google_storage_bucket.data.name
        }
      }
    }
  }

  depends_on = [google_project_service.needed, google_secret_manager_secret_iam_member.key, google_secret_manager_secret_iam_member.config]
}

# Its schedule.

resource "google_service_account" "scheduler" {
  account_id   = "fourfold-scheduler"
  display_name = "Starts Fourfold's rounds"
}

resource "google_cloud_run_v2_job_iam_member" "scheduler" {
  name     = google_cloud_run_v2_job.round.name
  location = google_cloud_run_v2_job.round.location
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}

resource "google_cloud_scheduler_job" "round" {
  name      = "fourfold"
  region    = var.region
  schedule  = var.schedule
  time_zone = var.timezone

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.round.id}:run"
    oauth_token {
      service_account_email = google_service_account.scheduler.email
    }
  }

  depends_on = [google_cloud_run_v2_job_iam_member.scheduler]
}
