variable "project" {
  description = "Id of the Google Cloud project, as warehouse.project in config_file."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project must be the id of a project, such as my-project, and not its name or number."
  }
}

variable "region" {
  description = "Where rounds run, such as asia-northeast1. Cloud Run and Cloud Scheduler must both be there."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be a region, such as asia-northeast1."
  }
}

variable "location" {
  description = "Where the datasets are, as warehouse.location in config_file: a region such as asia-northeast1, or US or EU. A dataset cannot move."
  type        = string

  validation {
    condition     = can(regex("^(US|EU|[a-z]+-[a-z]+[0-9]+)$", var.location))
    error_message = "location must be a region, such as asia-northeast1, or US or EU."
  }
}

variable "dataset" {
  description = "What the names of the datasets begin with, as warehouse.dataset in config_file."
  type        = string
  default     = "fourfold"

  validation {
    condition     = can(regex("^[A-Za-z0-9_]{1,900}$", var.dataset))
    error_message = "dataset must be of letters, digits and underscores."
  }
}

variable "bucket" {
  description = "Name of a bucket to make for large files on their way, as warehouse.bucket in config_file. Without it they go with their load jobs."
  type        = string
  default     = ""

  validation {
    condition     = var.bucket == "" || can(regex("^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "bucket must be of lower-case letters, digits, hyphens, underscores and dots, 3 to 63 of them."
  }
}

variable "image" {
  description = "A container image with fourfold, dbt and git: README.md says what must be in it."
  type        = string

  validation {
    condition     = length(var.image) > 0
    error_message = "image must name a container image."
  }
}

variable "config_file" {
  description = "Path of fourfold.yaml. It is kept in Secret Manager and in Terraform's state: it must name keys as $${NAME}, and hold none."
  type        = string
  default     = "fourfold.yaml"

  validation {
    condition     = can(yamldecode(file(var.config_file)))
    error_message = "config_file must be the path of a YAML file that is there."
  }
}

variable "secrets" {
  description = "The environment variables that config_file names, and for each the id of the Secret Manager secret that has its value."
  type        = map(string)
  default = {
    INCIDENT_IO_API_KEY = "fourfold-incident-io"
    GITHUB_TOKEN        = "fourfold-github"
    FOURFOLD_HASH_KEY   = "fourfold-hash-key"
  }

  validation {
    condition     = alltrue([for name, id in var.secrets : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && can(regex("^[A-Za-z0-9_-]{1,255}$", id))])
    error_message = "secrets must map names of variables to ids of secrets in this project, such as GITHUB_TOKEN = \"fourfold-github\"."
  }
}

variable "readers" {
  description = "Who may read the marts, such as group:sre@example.com. They may then run queries in the project, too."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for r in var.readers : can(regex("^(user|group|serviceAccount|domain):[^:]+$", r))])
    error_message = "readers must begin with user:, group:, serviceAccount: or domain:."
  }
}

variable "create_datasets" {
  description = "Whether rounds may make datasets. Only `fourfold build --as-of`, run as this account, needs it."
  type        = bool
  default     = false
}

variable "schedule" {
  description = "When rounds begin (cron). Write the same into schedule.run of config_file: what a month costs is reckoned by that."
  type        = string
  default     = "*/15 * * * *"

  validation {
    condition     = length(split(" ", trimspace(var.schedule))) == 5
    error_message = "schedule must have five fields: minute hour day month weekday."
  }
}

variable "full_check" {
  description = "When everything is read again, and deletions are looked for (cron). Best not when a round begins."
  type        = string
  default     = "7 3 * * 0"

  validation {
    condition     = length(split(" ", trimspace(var.full_check))) == 5
    error_message = "full_check must have five fields: minute hour day month weekday."
  }
}

variable "timezone" {
  description = "The time zone of both schedules, such as Asia/Tokyo."
  type        = string
  default     = "Etc/UTC"

  validation {
    condition     = can(regex("^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$", var.timezone))
    error_message = "timezone must be a name of the tz database, such as Asia/Tokyo."
  }
}

variable "paused" {
  description = "Whether nothing is started by the schedules, as while `fourfold copy` is at work."
  type        = bool
  default     = false
}

variable "timeout_seconds" {
  description = "How long a round may take, in seconds. The first one takes the longest."
  type        = number
  default     = 3600

  validation {
    condition     = var.timeout_seconds >= 60 && var.timeout_seconds <= 86400 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be a whole number from 60 to 86400."
  }
}

variable "memory" {
  description = "Memory of a round: the program, dbt, and the data directory with its mirrors."
  type        = string
  default     = "2Gi"

  validation {
    condition     = can(regex("^[0-9]+(Mi|Gi)$", var.memory))
    error_message = "memory must be such as 2Gi."
  }
}

variable "labels" {
  description = "Labels of what is made here."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k, v in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", k)) && can(regex("^[a-z0-9_-]{0,63}$", v))])
    error_message = "labels must be of lower-case letters, digits, hyphens and underscores, at most 63, a letter first in the name."
  }
}
