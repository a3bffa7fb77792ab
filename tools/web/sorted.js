// Search in sorted lists.

// The index of the last item whose key is not above n; -1 if all are.
export function lastNotAbove(items, n, key) {
	let lo = 0, hi = items.length;
	while (lo < hi) {
		const mid = lo + hi >> 1;
		if (key(items[mid]) <= n)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo - 1;
}
