export default { test: { setupFiles: ['./node-20.mjs'], reporters: ['verbose'] } };
