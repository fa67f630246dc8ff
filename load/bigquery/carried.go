package bigquery

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"

	"cloud.google.com/go/bigquery"
)

// carriedTable has in its description what the tables that builds go on from were made of, and no rows: writing it is no job.
const carriedTable = "_carried"

// Carried is what Carry noted last; nil if nothing is known.
func (b *Builds) Carried(ctx context.Context) (json.RawMessage, error) {
	var md *bigquery.TableMetadata
	err := b.c.call(ctx, "look at "+b.c.Build()+"."+carriedTable, func(ctx context.Context) (err error) {
		md, err = b.c.bq.Dataset(b.c.Build()).Table(carriedTable).Metadata(ctx, bigquery.WithMetadataView(bigquery.BasicMetadataView))
		return err
	})
	if isStatus(err, http.StatusNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	_, text, _ := cutState(md.Description)
	if !json.Valid([]byte(text)) { // somebody has written there: nothing is known
		return nil, nil
	}
	return json.RawMessage(text), nil
}

// Carry notes what those tables are made of; nil is that it is not known. The caller holds the dataset.
func (b *Builds) Carry(ctx context.Context, note json.RawMessage) error {
	ref := b.c.bq.Dataset(b.c.Build()).Table(carriedTable)
	description := "What the models that go on from build to build were made of." + stateMark + string(note)
	doing := "note what builds go on from in " + b.c.Build()
	err := b.c.call(ctx, doing, func(ctx context.Context) error {
		_, err := ref.Update(ctx, bigquery.TableMetadataToUpdate{Description: description}, "")
		return err
	})
	if !isStatus(err, http.StatusNotFound) {
		return err
	}
	err = b.c.call(ctx, doing, func(ctx context.Context) error {
		return ref.Create(ctx, &bigquery.TableMetadata{
			Description: description, Labels: b.c.opts.Labels,
			Schema: bigquery.Schema{{Name: "nothing", Type: bigquery.StringFieldType, Description: "There are no rows."}},
		})
	})
	if isStatus(err, http.StatusConflict) { // it was heard, and the answer was lost
		return nil
	}
	return err
}

// ledgers is the id of the ledgers, "" if there are none. Those that have none yet are named if they may be changed.
func (c *Client) ledgers(ctx context.Context, change bool) (string, error) {
	st, _, err := c.state(ctx)
	if errors.Is(err, errNoState) {
		return "", nil
	}
	if err != nil || st.Ledgers != "" || !change {
		return st.Ledgers, err
	}
	id := rand.Text()
	err = c.changeState(ctx, "name the ledgers", func(st *state) {
		if st.Ledgers == "" {
			st.Ledgers = id
		}
		id = st.Ledgers
	})
	return id, err
}
