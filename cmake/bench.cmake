# Benchmarks: bench/bench_NAME.c becomes build/bench/bench_NAME. `./do bench` runs them.
file(GLOB BENCHES CONFIGURE_DEPENDS bench/bench_*.c)
foreach(source ${BENCHES})
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE ffpf_static m)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endforeach()

# Function classes for benchmarks, one folder for --class-path.
file(GLOB BENCH_CLASSES CONFIGURE_DEPENDS bench/classes/*.c)
foreach(source ${BENCH_CLASSES})
  get_filename_component(name ${source} NAME_WE)
  add_library(bench_class_${name} MODULE ${source})
  target_include_directories(bench_class_${name} PRIVATE ${CMAKE_SOURCE_DIR}/lib/include)
  set_target_properties(bench_class_${name} PROPERTIES OUTPUT_NAME ${name} PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench/classes)
endforeach()
