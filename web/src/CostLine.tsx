import { useEffect, useSyncExternalStore } from 'react';
import { useGraphiQL } from '@graphiql/react';
import { current, subscribe, told } from './cost';

const number = new Intl.NumberFormat('de');

/** Says below the query what it has cost when it last ran. Another tab is another query. */
export function CostLine() {
  const cost = useSyncExternalStore(subscribe, current);
  const tab = useGraphiQL((state) => state.activeTabIndex);
  useEffect(() => told(null), [tab]);
  return (
    <div className="umland-cost" role="status">
      {cost && (
        <>
          <meter min={0} max={cost.budget} high={cost.budget * 0.8} optimum={0} value={Math.min(cost.cost, cost.budget)} aria-label="Kosten" />{' '}
          Kosten {number.format(cost.cost)} von {number.format(cost.budget)}
          {cost.cost > cost.budget && ': zu teuer'}
        </>
      )}
    </div>
  );
}
