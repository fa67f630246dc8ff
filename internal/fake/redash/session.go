package redash

import "maps"

func (s *Server) session(c *call) reply {
	permissions := []string{"create_dashboard", "create_query", "edit_dashboard", "edit_query", "view_query", "execute_query", "list_dashboards", "list_data_sources"}
	if c.user.admin {
		permissions = append(permissions, "admin", "super_admin")
	}
	slug := "default"
	if s.org != "" {
		slug = s.org
	}
	return ok(object{
		"user": object{"id": c.user.id, "name": c.user.name, "permissions": permissions}, "org_slug": slug, "messages": []any{},
		"client_config": object{"version": s.version, "dateFormat": s.settings["date_format"], "pageSize": 20, "pageSizeOptions": []int{5, 10, 20, 50, 100}},
	})
}

func (s *Server) changeSettings(c *call) reply {
	if !c.user.admin {
		return forbidden()
	}
	maps.Copy(s.settings, c.body)
	return s.getSettings(c)
}

func (s *Server) getSettings(*call) reply { return ok(object{"settings": maps.Clone(s.settings)}) }
