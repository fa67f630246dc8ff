variable "project" {
  description = "The Google Cloud project."
  type        = string
}

variable "region" {
  description = "Where rounds run, such as asia-northeast1."
  type        = string
}

variable "location" {
  description = "Where the datasets are: a region or a multi-region, as warehouse.location in fourfold.yaml."
  type        = string
}

variable "dataset" {
  description = "What the names of the datasets begin with, as warehouse.dataset in fourfold.yaml."
  type        = string
  default     = "fourfold"
}

variable "image" {
  description = "A container image with fourfold, dbt (requirements.txt) and git."
  type        = string
}

variable "config_secret" {
  description = "The Secret Manager secret whose content is fourfold.yaml, with data: /data."
  type        = string
}

variable "secrets" {
  description = "Environment variables that fourfold.yaml names, and the Secret Manager secrets to be made for them. Their values are put in by hand."
  type        = map(string)
  default = {
    INCIDENT_IO_API_KEY = "fourfold-incident-io"
    GITHUB_TOKEN        = "fourfold-github"
  }
}

variable "readers" {
  description = "Who may read the marts, such as group:sre@example.com."
  type        = list(string)
  default     = []
}

variable "schedule" {
  description = "When rounds begin (cron)."
  type        = string
  default     = "*/15 * * * *"
}

variable "timezone" {
  description = "The time zone of the schedule."
  type        = string
  default     = "Etc/UTC"
}

variable "labels" {
  description = "Labels of what is made."
  type        = map(string)
  default     = {}
}
