package web

import "fourfold/dashboards/chart"

// asSVG is the picture of a panel as a file: its charts, or its table where it has none.
func (s *server) asSVG(e export) ([]byte, error) {
	var drawings []*chart.Drawing
	if len(e.table.Rows) > 0 {
		for _, c := range e.m.charts(e.panel, e.table, false) {
			d := c.Drawings[0]
			if c.Title != "" {
				d.Title = c.Title
			}
			drawings = append(drawings, d)
		}
	}
	if len(drawings) == 0 {
		drawings = append(drawings, e.m.tablePicture(e))
	}
	return chart.Documents(drawings), nil
}

// tablePicture is a panel's table as a drawing.
func (m *maker) tablePicture(e export) *chart.Drawing {
	c := chart.TableChart{Head: m.head(e.panel, "")}
	if len(e.table.Rows) == 0 {
		c.More = c.Nothing
		return chart.Table(c, chart.WideRows)
	}
	t := m.table(e.panel, e.table, rowsShown)
	c.More = t.More
	for _, h := range t.Heads {
		c.Columns = append(c.Columns, chart.TableColumn{Text: h.Text, Num: h.Num})
	}
	for _, r := range t.Rows {
		var cells []string
		for _, cell := range r.Cells {
			text := cell.Text
			if cell.Badge != "" {
				text = cell.Badge + " " + text
			}
			if cell.Detail != "" {
				text += " (" + cell.Detail + ")"
			}
			cells = append(cells, text)
		}
		c.Rows = append(c.Rows, cells)
	}
	return chart.Table(c, chart.WideRows)
}
