// Runs the program whose path is given, and checks what it returns.
import { readFile } from "node:fs/promises";

const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]));
const result = instance.exports.run();
if (result !== 610) {
    throw new Error(`run returned ${result} instead of 610`);
}
console.log("wasm: ok");
