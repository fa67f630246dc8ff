# The configuration is a secret only because Cloud Run mounts those as files: it names keys as ${NAME} and holds none.

resource "google_secret_manager_secret" "config" {
  secret_id = "fourfold-config"
  labels    = var.labels
  replication {
    auto {}
  }

  depends_on = [google_project_service.needed]
}

resource "google_secret_manager_secret_version" "config" {
  secret      = google_secret_manager_secret.config.id
  secret_data = file(var.config_file)
}

resource "google_secret_manager_secret_iam_member" "config" {
  secret_id = google_secret_manager_secret.config.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.fourfold.member
}

# The keys were put into Secret Manager by hand (README.md), so that none is in Terraform's state.
resource "google_secret_manager_secret_iam_member" "key" {
  for_each = var.secrets

  project   = var.project
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.fourfold.member

  depends_on = [google_project_service.needed]
}

locals {
  config    = yamldecode(file(var.config_file))
  warehouse = try(local.config.warehouse, {})

  rounds = {
    fourfold            = { args = ["run"], schedule = var.schedule }
    fourfold-full-check = { args = ["run", "--full"], schedule = var.full_check }
  }
}

# There is no disk: the data directory is in memory, and gone after the round (README.md says what that costs).
resource "google_cloud_run_v2_job" "round" {
  for_each = local.rounds

  name                = each.key
  location            = var.region
  labels              = var.labels
  deletion_protection = false # a job holds no data

  template {
    task_count = 1
    template {
      service_account = google_service_account.fourfold.email
      timeout         = "${var.timeout_seconds}s"
      # A round that failed is done again by the schedule, from where it stopped.
      max_retries = 0

      containers {
        image = var.image
        args  = concat(each.value.args, ["--config", "/config/fourfold.yaml"])

        resources {
          limits = { cpu = "2", memory = var.memory }
        }

        dynamic "env" {
          for_each = var.secrets
          content {
            name = env.key
            value_source {
              secret_key_ref {
                secret  = env.value
                version = "latest"
              }
            }
          }
        }

        volume_mounts {
          name       = "config"
          mount_path = "/config"
        }
      }

      volumes {
        name = "config"
        secret {
          secret = google_secret_manager_secret.config.secret_id
          items {
            version = google_secret_manager_secret_version.config.version
            path    = "fourfold.yaml"
          }
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition = alltrue([
        try(local.warehouse.type, "") == "bigquery",
        try(local.warehouse.project, "") == var.project,
        try(local.warehouse.dataset, "") == var.dataset,
        try(local.warehouse.location, "") == var.location,
      ])
      error_message = "warehouse in config_file must have type: bigquery, and the project, dataset and location that are given here."
    }
    precondition {
      condition     = var.bucket == "" || try(local.warehouse.bucket, "") == var.bucket
      error_message = "warehouse in config_file must have the bucket that is given here, or it is not used."
    }
    precondition {
      condition     = startswith(try(local.config.data, ""), "/")
      error_message = "data in config_file must be a folder of the container that may be written, such as /tmp/fourfold: beside the configuration nothing can be."
    }
    precondition {
      condition     = try(local.config.privacy.people, "hash") != "hash" || try(local.config.privacy.hash_key, "") != ""
      error_message = "privacy.hash_key is missing in config_file: a key that the program makes is gone after the round, and with another everybody is somebody else."
    }
    precondition {
      condition     = try(local.warehouse.credentials, null) == null && try(local.warehouse.impersonate, null) == null
      error_message = "warehouse in config_file must have neither credentials nor impersonate: the job runs as its service account."
    }
  }

  depends_on = [
    google_project_service.needed, google_secret_manager_secret_iam_member.key, google_secret_manager_secret_iam_member.config,
    google_project_iam_member.fourfold, google_bigquery_dataset_access.fourfold, google_storage_bucket_iam_member.fourfold,
  ]
}

# The schedule.

resource "google_service_account" "scheduler" {
  account_id   = "fourfold-scheduler"
  display_name = "Starts Fourfold's rounds"

  depends_on = [google_project_service.needed]
}

resource "google_cloud_run_v2_job_iam_member" "scheduler" {
  for_each = google_cloud_run_v2_job.round

  name     = each.value.name
  location = each.value.location
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}

resource "google_cloud_scheduler_job" "round" {
  for_each = local.rounds

  name      = each.key
  region    = var.region
  schedule  = each.value.schedule
  time_zone = var.timezone
  paused    = var.paused

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.round[each.key].id}:run"
    oauth_token {
      service_account_email = google_service_account.scheduler.email
    }
  }

  depends_on = [google_cloud_run_v2_job_iam_member.scheduler]
}
