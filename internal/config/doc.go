// Package config reads fourfold.yaml: every key typed, every default in one place, every mistake reported at once with
// its line and its fix.
//
// # What it gives
//
// [Load] reads the file and returns a [Config] whose fields mirror the keys of the file. The structs are the one
// declaration of the keys: a field's tags hold its name, its default and what is required of it, and a small decoder
// over YAML nodes reads both the file and the defaults by them. So an unknown key, a key given twice, a wrong type or a
// value out of range cannot slip through in one section and be caught in another. All mistakes come together as [Errors],
// in the order of their lines.
//
// # References
//
// ${NAME} in a text is the environment variable NAME, ${file:/path} the content of a file less its trailing newline, and
// $${ stands for a plain ${. They work in any value, whole or in part, never in keys. In the flow style, between { and },
// YAML needs them in quotes. A reference that cannot be resolved is an error only in a part that is used: what each
// command needs (time zone, warehouse, metrics, …) is checked by Load; the parts that only some commands need are checked
// by [Config.Use], which such a command calls before it reads them. A [Secret] is resolved when it is revealed, never
// earlier, and prints as ***.
//
// # Which sources are used
//
// A source whose block is in the file is used, even when the block is empty (`incidentio: {}` or a bare `incidentio:`),
// and one without a block is not. Who has written no `sources` at all, or has no file, gets incident.io when
// INCIDENT_IO_API_KEY is set and not empty, so that the key alone is enough to begin. GITHUB_TOKEN alone turns nothing
// on: many machines have one, and without repositories there is nothing to read. `sources: {}`, or a bare `sources:`, says: none.
//
// # What it will not do
//
// It calls no API and opens no warehouse: whether a stream, a severity or a timestamp of that name exists is for others
// to find out, who then cite the line with [Config.Problem] or [Config.Unknown].
package config
