# Benchmarks: bench/bench_NAME.c becomes build/bench/bench_NAME. `./do bench` runs them.
file(GLOB BENCHES CONFIGURE_DEPENDS bench/bench_*.c)
foreach(source ${BENCHES})
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE ffpf_static)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endforeach()
