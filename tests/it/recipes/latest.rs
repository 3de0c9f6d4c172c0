struct Latest<T: Clone + 'static> { value: Mutex<(u64, T)>, changed: Signal<(u64, T)> }

impl<T: Clone + Send + 'static> Latest<T> {
    fn set(&self, value: T) {
        let mut held = self.value.lock().unwrap();
        *held = (held.0 + 1, value);
        let latest = held.clone();
        drop(held); // slots may read the value
        self.changed.emit_tuple(latest);
    }

    fn follow(&self, call: impl FnMut(T) + Send + 'static) -> Connection {
        let follower = Arc::new(Mutex::new((0, call)));
        let slot = move |(number, value): (u64, T)| {
            let (last, call) = &mut *follower.lock().unwrap();
            if mem::replace(last, number.max(*last)) < number {
                call(value);
            }
        };
        let connection = self.changed.connect_tuple(slot.clone()); // first, or a value could be missed
        let latest = self.value.lock().unwrap().clone();
        slot(latest);
        connection
    }
}
