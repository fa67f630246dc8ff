output "service_account" {
  description = "As whom rounds run: who warehouse.impersonate names on a machine of your own."
  value       = google_service_account.fourfold.email
}

output "datasets" {
  description = "The datasets."
  value       = [for d in google_bigquery_dataset.fourfold : d.id]
}
