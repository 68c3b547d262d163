package ent

// Loaded holds the connections below an entity that a query asked for, by the field of the query that asks. It is filled level by
// level before the entity is handed to the GraphQL engine, so that no field has to go back to the database on its own.
type Loaded map[any]any

// Set keeps v for the field.
func (l *Loaded) Set(field, v any) {
	if *l == nil {
		*l = Loaded{}
	}
	(*l)[field] = v
}
