output "service_account" {
  description = "As whom rounds run: what warehouse.impersonate names on a machine of your own."
  value       = google_service_account.fourfold.email
}

output "datasets" {
  description = "The datasets: raw has the ledgers, build the builds, marts what people read."
  value       = { for name, d in google_bigquery_dataset.fourfold : name => "${d.project}.${d.dataset_id}" }
}

output "jobs" {
  description = "The Cloud Run jobs: gcloud run jobs execute NAME --region REGION does one at once."
  value       = [for j in google_cloud_run_v2_job.round : j.name]
}
