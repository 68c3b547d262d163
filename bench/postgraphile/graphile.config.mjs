import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { jsonPgSmartTags } from "postgraphile/utils";

const hidden = { tags: { behavior: "-*" } };

// The view stands for its table everywhere, with the keys that a view cannot have by itself.
const tags = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      "bench.offering": {
        tags: {
          primaryKey: "id",
          foreignKey: [
            "(provider_id) references public.provider (id)",
            "(ags) references public.municipality (ags)",
            "(place_id) references public.place (id)",
          ],
        },
      },
      "public.occurrence": { tags: { foreignKey: "(offering_id) references bench.offering (id)" } },
      "public.offering": { tags: { behavior: "-*", name: "stored_offering" } },
      "public.api_key": hidden,
      "public.loaded": hidden,
      "public.hours": hidden,
      "public.bun_migrations": hidden,
      "public.bun_migration_locks": hidden,
      "bench.word": hidden,
    },
  },
});

// Names without the schema's before them: the view is called as its table is, which is not shown.
const names = {
  name: "NamesPlugin",
  version: "1.0.0",
  inflection: {
    replace: {
      _schemaPrefix() {
        return "";
      },
    },
  },
};

/** Production: no watching, no GraphiQL, no EXPLAIN; caches as PostGraphile sets them. */
export default {
  extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset],
  plugins: [tags, names],
  pgServices: [makePgService({
    connectionString: process.env.DATABASE_URL,
    schemas: ["public", "bench"],
    poolConfig: { max: 20, application_name: "postgraphile" },
  })],
  schema: { defaultBehavior: "-insert -update -delete" },
  grafserv: { watch: false, graphiql: false, maxRequestLength: 8 << 20 },
  grafast: { explain: false },
};
