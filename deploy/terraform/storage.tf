# Where large files wait for the load jobs that read them. The program removes them; what a killed round leaves goes after a day.

resource "google_storage_bucket" "fourfold" {
  count = var.bucket == "" ? 0 : 1

  name     = var.bucket
  location = var.location # BigQuery loads from nowhere else
  labels   = var.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true # nothing in it is kept

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  lifecycle_rule {
    condition {
      age            = 1 # days
      matches_prefix = ["fourfold/"]
    }
    action {
      type = "Delete"
    }
  }

  depends_on = [google_project_service.needed]
}

resource "google_storage_bucket_iam_member" "fourfold" {
  count = length(google_storage_bucket.fourfold)

  bucket = google_storage_bucket.fourfold[count.index].name
  role   = "roles/storage.objectAdmin"
  member = google_service_account.fourfold.member
}
